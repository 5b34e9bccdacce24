import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageName } from '@store-platform/shared/config/profiles';
import { profiles } from '@store-platform/shared/config/profiles';
import { expect, test } from 'vitest';
import { archiveOf } from '../testing/fake-wordpress-org.ts';
import { makeTestFolder } from '../testing/test-cluster.ts';
import { findPackages } from './find-packages.ts';

const wanted = profiles.spec.packages;

const fill = async (files: Readonly<Record<string, Buffer | string>>): Promise<string> => {
  const folder = await makeTestFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
};

const all = (changes: Partial<Record<PackageName, string>> = {}) => ({
  'wordpress.6.4.5.zip': archiveOf('wordpress', changes.wordpress),
  'woocommerce.9.1.2.zip': archiveOf('woocommerce', changes.woocommerce),
  'storefront.4.6.2.zip': archiveOf('storefront', changes.storefront),
  'sqlite-database-integration.zip': archiveOf('sqlite', changes.sqlite),
});

test('a folder that somebody filled is read by what is inside of its archives, whatever their names', async () => {
  const { 'woocommerce.9.1.2.zip': woocommerce, ...others } = all();
  const folder = await fill({
    ...others,
    'shop (1).zip': woocommerce,
    'woocommerce.zip': archiveOf('woocommerce', '11.0.1'),
    'holiday.zip': 'no archive',
    'notes.txt': 'of no interest',
  });
  expect(await findPackages(folder, wanted)).toEqual({
    wordpress: join(folder, 'wordpress.6.4.5.zip'),
    woocommerce: join(folder, 'shop (1).zip'),
    storefront: join(folder, 'storefront.4.6.2.zip'),
    sqlite: join(folder, 'sqlite-database-integration.zip'),
  });
});

test('all that it lacks is said at once, with the versions that are there and where to get what is missing', async () => {
  const folder = await fill(all({ wordpress: '6.5.5', sqlite: '2.1.0' }));
  await expect(findPackages(folder, wanted)).rejects.toMatchObject({
    message: `The folder ${folder} of STORE_PACKAGES has no archive of WordPress 6.4.5 (there is 6.5.5), SQLite Database Integration 3.0.2 (there is 2.1.0).`,
    hint: `Put there: ${wanted.wordpress.url}, ${wanted.sqlite.url}`,
  });
});

test('a pinned checksum holds here, too', async () => {
  const folder = await fill(all());
  const pinned = (sha256: string) => ({ ...wanted, storefront: { ...wanted.storefront, sha256 } });
  await expect(findPackages(folder, pinned('0'.repeat(64)))).rejects.toThrow(
    /has the checksum \w{64}, not 0+\.$/,
  );
  await findPackages(folder, pinned(createHash('sha256').update(archiveOf('storefront')).digest('hex')));
});

test('a folder that is not there is said to be', async () => {
  const folder = join(await makeTestFolder(), 'nowhere');
  await expect(findPackages(folder, wanted)).rejects.toMatchObject({
    message: `The folder ${folder} of STORE_PACKAGES is not there.`,
    hint: expect.stringContaining('unset it'),
  });
});
