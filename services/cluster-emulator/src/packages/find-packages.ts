import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PackageName } from '@store-platform/shared/config/profiles';
import { packageNames, titleOf, type WantedPackages } from './known-packages.ts';
import { codeOf, PackageError } from './package-error.ts';
import type { PackageFolder } from './package-folder.ts';
import { readArchive, verifyChecksum, type ArchiveContent } from './read-archive.ts';

export interface FoundArchive extends ArchiveContent {
  /** Absolute path. */
  readonly file: string;
}

/**
 * Finds a profile's archives in a folder that somebody filled, by what is inside of them.
 * @returns their absolute paths
 * @throws PackageError that names all that is missing
 */
export const findPackages = async (folder: string, wanted: WantedPackages): Promise<PackageFolder> => {
  const found = await archivesIn(folder);
  const fits = (name: PackageName) =>
    found.find((archive) => archive.name === name && archive.version === wanted[name].version);
  const missing = packageNames.filter((name) => !fits(name));
  if (missing.length > 0) throw incomplete(folder, missing, wanted, found);
  const paths: [PackageName, string][] = [];
  for (const name of packageNames) {
    const file = fits(name)?.file ?? '';
    await verifyChecksum(file, wanted[name], file);
    paths.push([name, file]);
  }
  const { wordpress = '', woocommerce = '', storefront = '', sqlite = '' } = Object.fromEntries(paths);
  return { wordpress, woocommerce, storefront, sqlite };
};

/**
 * The archives of parts of a shop in a folder; others in it don't matter.
 * @throws PackageError where it can't be read
 */
export const archivesIn = async (folder: string): Promise<FoundArchive[]> => {
  const found: FoundArchive[] = [];
  for (const name of await zipFilesIn(folder)) {
    const file = resolve(join(folder, name));
    const content = await readArchive(file).catch(() => undefined);
    if (content) found.push({ ...content, file });
  }
  return found;
};

const zipFilesIn = async (folder: string): Promise<string[]> => {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.zip')).toSorted();
  } catch (error) {
    const why =
      codeOf(error) === 'ENOENT' ? 'is not there' : `cannot be read (${codeOf(error) ?? String(error)})`;
    throw new PackageError(`The folder ${folder} of STORE_PACKAGES ${why}.`, {
      hint: 'Correct STORE_PACKAGES, or unset it: then the archives are fetched from wordpress.org.',
      cause: error,
    });
  }
};

const incomplete = (
  folder: string,
  missing: readonly PackageName[],
  wanted: WantedPackages,
  found: readonly FoundArchive[],
): PackageError => {
  const lacks = missing.map((name) => {
    const others = found.filter((archive) => archive.name === name).map(({ version }) => version);
    return `${titleOf(name, wanted[name])}${others.length > 0 ? ` (there is ${others.join(', ')})` : ''}`;
  });
  return new PackageError(`The folder ${folder} of STORE_PACKAGES has no archive of ${lacks.join(', ')}.`, {
    hint: `Put there: ${missing.map((name) => wanted[name].url).join(', ')}`,
  });
};
