import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { PackageName, StorePackage } from '@store-platform/shared/config/profiles';
import { fromRandomAccessReaderPromise, type Entry, type ZipFile } from 'yauzl';
import { BlockReader } from './block-reader.ts';
import { knownPackages, packageNames, titleOf } from './known-packages.ts';
import { PackageError } from './package-error.ts';
import { wordsOf } from '@store-platform/shared/text/words-of';

export interface ArchiveContent {
  readonly name: PackageName;
  /** As the package's own header has it. */
  readonly version: string;
}

/**
 * Looks what a zip archive holds, whatever its name.
 * @returns undefined when it is none of the known packages
 * @throws PackageError when it is no zip archive, or not a whole one
 */
export const readArchive = async (file: string): Promise<ArchiveContent | undefined> => {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const zip = await fromRandomAccessReaderPromise(new BlockReader(handle, file), size, {
      autoClose: false,
    });
    for await (const entry of zip.eachEntry()) {
      const name = packageNames.find((candidate) => knownPackages[candidate].entry === entry.fileName);
      if (!name) continue;
      const [, version] = knownPackages[name].version.exec(await beginningOf(zip, entry)) ?? [];
      return version === undefined ? undefined : { name, version };
    }
    return undefined;
  } catch (error) {
    const why = wordsOf(error);
    throw new PackageError(`${file} is no whole zip archive (${why}).`, { cause: error });
  } finally {
    await handle.close();
  }
};

/** As much as WordPress itself reads to find a header. */
const headerBytes = 8192;

const beginningOf = async (zip: ZipFile, entry: Entry): Promise<string> => {
  let text = '';
  const content = await zip.openReadStreamPromise(entry);
  for await (const chunk of content.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length >= headerBytes) break;
  }
  return text.slice(0, headerBytes);
};

/** @returns in hexadecimal */
export const checksumOf = async (file: string, algorithm: 'sha256' | 'sha1'): Promise<string> => {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
};

/**
 * Holds an archive to what it should be: by its checksum where one is pinned, and by the version inside.
 * @param from where it came from, as people are told
 * @throws PackageError that says what it is instead
 */
export const verifyArchive = async (
  file: string,
  name: PackageName,
  wanted: StorePackage,
  from: string,
): Promise<void> => {
  await verifyChecksum(file, wanted, from);
  const found = await readArchive(file);
  if (found?.name === name && found.version === wanted.version) return;
  const is = found ? titleOf(found.name, found) : 'something else';
  throw new PackageError(`The archive ${from} is ${is}, not ${titleOf(name, wanted)}.`);
};

/** @throws PackageError when it is not the one that is pinned, if one is */
export const verifyChecksum = async (file: string, { sha256 }: StorePackage, from: string): Promise<void> => {
  if (sha256 !== undefined) holdTo(sha256, await checksumOf(file, 'sha256'), from);
};

/** @throws PackageError when the checksums differ */
export const holdTo = (should: string, is: string, from: string): void => {
  if (is === should) return;
  throw new PackageError(`The archive ${from} has the checksum ${is}, not ${should}.`, {
    hint: 'It was not used. Find out who changed it, or correct the checksum in the settings.',
  });
};
