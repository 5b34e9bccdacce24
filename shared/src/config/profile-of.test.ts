import { describe, expect, it } from 'vitest';
import { profileOf } from './profile-of.ts';
import { profiles } from './profiles.ts';
import { parseSettings, readSettings } from './settings.ts';

const sum = 'A'.repeat(64);

describe('a profile', () => {
  it('is the specification’s own unless another is named, as the table has it', () => {
    expect(profileOf(readSettings({}))).toEqual(profiles.spec);
    expect(profileOf(readSettings({ STORE_PROFILE: 'current' }))).toEqual(profiles.current);
  });

  it('has the archive of the WordPress that its image is', () => {
    for (const { images, packages } of Object.values(profiles)) {
      const [, line] = /:(\d+\.\d+)-/.exec(images.wordpress) ?? [];
      expect(packages.wordpress.version).toMatch(new RegExp(`^${line}\\.`));
    }
  });

  it('can have each image replaced', () => {
    const mirrored = profileOf(
      readSettings({
        STORE_MYSQL_IMAGE: 'registry.example.com:5000/mysql:8.0',
        STORE_WORDPRESS_IMAGE: `shops/wordpress@sha256:${sum.toLowerCase()}`,
        STORE_WP_CLI_IMAGE: 'cli',
      }),
    );
    expect(mirrored.images).toEqual({
      mysql: 'registry.example.com:5000/mysql:8.0',
      wordpress: `shops/wordpress@sha256:${sum.toLowerCase()}`,
      wpCli: 'cli',
    });
    expect(mirrored.packages).toEqual(profiles.spec.packages);
  });

  it('can have an archive at another address, which its checksum holds to one content', () => {
    const url = 'http://files.example.com/woo.zip';
    const changed = profileOf(readSettings({ STORE_WOOCOMMERCE_URL: url, STORE_WOOCOMMERCE_SHA256: sum }));
    expect(changed.packages.woocommerce).toEqual({ version: '9.1.2', url, sha256: sum.toLowerCase() });
    expect(changed.packages.storefront).toEqual(profiles.spec.packages.storefront);
    expect(parseSettings({ STORE_STOREFRONT_URL: url }).faults).toEqual([
      'STORE_STOREFRONT_URL needs STORE_STOREFRONT_SHA256, the checksum of the archive (sha256sum FILE)',
    ]);
  });

  it('can have another version, which is fetched from where all are published', () => {
    const { storefront, woocommerce } = profileOf(
      readSettings({ STORE_STOREFRONT_VERSION: '4.6.1', STORE_WOOCOMMERCE_VERSION: '9.1.1' }),
    ).packages;
    expect(storefront.url).toBe('https://downloads.wordpress.org/theme/storefront.4.6.1.zip');
    expect(woocommerce.url).toBe('https://downloads.wordpress.org/plugin/woocommerce.9.1.1.zip');
  });
});
