import { profiles, storefront, woocommerce, type Profile, type StorePackage } from './profiles.ts';
import type { Settings } from './settings.ts';

/** @returns the profile that the settings name, each part of it replaced by the setting that names another. */
export const profileOf = (settings: Settings): Profile => {
  const { images, packages, ...profile } = profiles[settings.STORE_PROFILE ?? 'spec'];
  return {
    ...profile,
    images: {
      mysql: settings.STORE_MYSQL_IMAGE ?? images.mysql,
      wordpress: settings.STORE_WORDPRESS_IMAGE ?? images.wordpress,
      wpCli: settings.STORE_WP_CLI_IMAGE ?? images.wpCli,
    },
    packages: {
      ...packages,
      woocommerce: replaced(woocommerce, packages.woocommerce, {
        version: settings.STORE_WOOCOMMERCE_VERSION,
        url: settings.STORE_WOOCOMMERCE_URL,
        sha256: settings.STORE_WOOCOMMERCE_SHA256,
      }),
      storefront: replaced(storefront, packages.storefront, {
        version: settings.STORE_STOREFRONT_VERSION,
        url: settings.STORE_STOREFRONT_URL,
        sha256: settings.STORE_STOREFRONT_SHA256,
      }),
    },
  };
};

const replaced = (
  published: (version: string) => StorePackage,
  pinned: StorePackage,
  { version = pinned.version, url, sha256 }: { [Part in keyof StorePackage]: StorePackage[Part] | undefined },
): StorePackage => ({ version, url: url ?? published(version).url, sha256 });
