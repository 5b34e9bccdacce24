import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Archives that a real shop is made from, as absolute paths. */
export interface FoundPackages {
  readonly wordpress: string;
  readonly woocommerce: string;
  readonly storefront: string;
  readonly sqlite: string;
}

/** The file names begin so, in the folder that STORE_PACKAGES names. */
const wanted = {
  spec: ['wordpress.6.4', 'woocommerce.9.1.2', 'storefront.', 'sqlite-database-integration'],
  current: ['wordpress.7.1', 'woocommerce.11.', 'storefront.', 'sqlite-database-integration'],
} as const;

const notRun =
  'No real shop was run: STORE_PACKAGES names no folder with the archives of WordPress, WooCommerce, Storefront and the SQLite plugin.';

/** @returns undefined where STORE_PACKAGES names no folder that holds them all. */
export const findPackages = (profile: keyof typeof wanted): FoundPackages | undefined => {
  const folder = process.env['STORE_PACKAGES'] ?? '';
  const names = folder !== '' && existsSync(folder) ? readdirSync(folder).toSorted() : [];
  const [wordpress, woocommerce, storefront, sqlite] = wanted[profile].map((start) =>
    names.find((name) => name.startsWith(start) && name.endsWith('.zip')),
  );
  if (!wordpress || !woocommerce || !storefront || !sqlite) return undefined;
  return {
    wordpress: join(folder, wordpress),
    woocommerce: join(folder, woocommerce),
    storefront: join(folder, storefront),
    sqlite: join(folder, sqlite),
  };
};

/**
 * Nobody's machine has these archives by itself, and no package of npm or Debian brings them, so the tests of real shops
 * are skipped without them, and say so.
 */
export const describeWithPackages = (
  name: string,
  profile: keyof typeof wanted,
  tests: (packages: FoundPackages) => void,
): void => {
  const packages = findPackages(profile);
  const register = packages ? () => tests(packages) : sayNotRun(profile);
  describe(`${name}, with the archives of profile ${profile}`, () => {
    register();
  });
};

const sayNotRun = (profile: keyof typeof wanted) => (): void => {
  test('are there', ({ skip }) => {
    expect(findPackages(profile)).toBeUndefined();
    process.stdout.write(`${notRun}\n`);
    skip(notRun);
  });
};
