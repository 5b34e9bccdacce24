import { describe, expect, test } from 'vitest';
import { profiles, type ProfileName } from '@store-platform/shared/config/profiles';
import { findPackages } from '../services/cluster-emulator/src/packages/find-packages.ts';
import { PackageError } from '../services/cluster-emulator/src/packages/package-error.ts';
import type { PackageFolder } from '../services/cluster-emulator/src/packages/package-folder.ts';

/** @returns why there are none, where the folder that STORE_PACKAGES names doesn't hold a profile's archives */
const lookFor = async (profile: ProfileName): Promise<PackageFolder | PackageError> => {
  const folder = process.env['STORE_PACKAGES'];
  if (!folder) return new PackageError('STORE_PACKAGES names no folder with archives.');
  try {
    return await findPackages(folder, profiles[profile].packages);
  } catch (error) {
    if (error instanceof PackageError) return error;
    throw error;
  }
};

/**
 * Nobody's machine has these archives by itself, and no package of npm or Debian brings them, so the tests of real shops
 * are skipped without them, and say so.
 */
export const describeWithPackages = async (
  name: string,
  profile: ProfileName,
  tests: (packages: PackageFolder) => void,
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
