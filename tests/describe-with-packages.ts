import { describe, expect, test } from 'vitest';
import { profiles, type ProfileName } from '@store-platform/shared/config/profiles';
import { archivesIn, findPackages } from '../services/cluster-emulator/src/packages/find-packages.ts';
import type { WantedPackages } from '../services/cluster-emulator/src/packages/known-packages.ts';
import { PackageError } from '../services/cluster-emulator/src/packages/package-error.ts';
import type { PackageFolder } from '../services/cluster-emulator/src/packages/package-folder.ts';

/** A profile whose archives are there. */
export interface ShopParts {
  readonly profile: ProfileName;
  readonly packages: PackageFolder;
  /** What a platform is set to, so that it makes such stores. */
  readonly settings: Readonly<Record<string, string>>;
}

/** @returns why there are none, where the folder that STORE_PACKAGES names doesn't hold a profile's archives */
const lookFor = async (profile: ProfileName): Promise<ShopParts | PackageError> => {
  const folder = process.env['STORE_PACKAGES'];
  if (!folder) return new PackageError('STORE_PACKAGES names no folder with archives.');
  try {
    const wanted = await wantedIn(folder, profile);
    return {
      profile,
      packages: await findPackages(folder, wanted),
      settings: { STORE_PROFILE: profile, STORE_WOOCOMMERCE_VERSION: wanted.woocommerce.version },
    };
  } catch (error) {
    if (error instanceof PackageError) return error;
    throw error;
  }
};

/** WooCommerce moves on each month: where the profile's own version isn't there, another of its line does for a test. */
const wantedIn = async (folder: string, profile: ProfileName): Promise<WantedPackages> => {
  const { packages } = profiles[profile];
  const { version: pinned } = packages.woocommerce;
  const line = `${pinned.split('.')[0]}.`;
  const there = (await archivesIn(folder))
    .filter(({ name, version }) => name === 'woocommerce' && version.startsWith(line))
    .map(({ version }) => version);
  const version = there.includes(pinned) ? pinned : (there.at(-1) ?? pinned);
  return { ...packages, woocommerce: { ...packages.woocommerce, version } };
};

/**
 * Nobody's machine has these archives by itself, and no package of npm or Debian brings them, so the tests of real shops
 * are skipped without them, and say so.
 */
export const describeWithPackages = async (
  name: string,
  profile: ProfileName,
  tests: (parts: ShopParts) => void,
): Promise<void> => {
  const found = await lookFor(profile);
  const register = found instanceof PackageError ? sayNotRun(profile, found) : () => tests(found);
  describe(`${name}, with the archives of profile ${profile}`, () => {
    register();
  });
};

const sayNotRun =
  (profile: ProfileName, { message }: PackageError) =>
  (): void => {
    const notRun = `No real shop was run: ${message}`;
    test('are there', async ({ skip }) => {
      expect(await lookFor(profile)).toBeInstanceOf(PackageError);
      process.stdout.write(`${notRun}\n`);
      skip(notRun);
    });
  };
