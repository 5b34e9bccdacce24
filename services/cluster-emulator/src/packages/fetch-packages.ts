import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { PackageName, StorePackage } from '@store-platform/shared/config/profiles';
import { fetchFile, forgetPart, lookForFile } from './fetch-file.ts';
import { withFetchLock } from './fetch-lock.ts';
import { fileNameOf, packageNames, titleOf, type WantedPackages } from './known-packages.ts';
import { PackageError, fileTrouble } from './package-error.ts';
import type { PackageFolder } from './package-folder.ts';
import { checksumOf, holdTo, verifyArchive } from './read-archive.ts';

/** All in milliseconds. Tests go faster. */
export interface FetchTiming {
  /** Within this time it is known whether the archives can be had at all. */
  readonly lookMs: number;
  /** How long the other side may be silent while it sends. */
  readonly silenceMs: number;
  /** Before a fetch that was cut goes on; twice as long after each that brought nothing. */
  readonly pauseMs: number;
  readonly staleLockMs: number;
}

export const fetchTiming: FetchTiming = { lookMs: 5000, silenceMs: 20_000, pauseMs: 1000, staleLockMs: 5000 };

export interface FetchPackagesOptions {
  readonly wanted: WantedPackages;
  readonly folder: string;
  readonly timing: FetchTiming;
  readonly signal: AbortSignal;
  /** How far it is, as a person is told; the first word comes when all of them can be had. */
  tell(message: string): void;
}

/** Tries in a row that may bring nothing. */
const vainTries = 3;

/**
 * Brings what isn't in the folder yet from where it is published, one archive after the other, and verifies all.
 * @throws PackageError that says what is in the way
 */
export const fetchPackages = async (options: FetchPackagesOptions): Promise<PackageFolder> => {
  const { wanted, folder, timing, signal } = options;
  try {
    await mkdir(folder, { recursive: true });
    const missing = await missingOf(options);
    if (missing.length > 0) {
      await Promise.all(missing.map((name) => lookForFile(wanted[name].url, signal, timing.lookMs)));
      const onWait = async () => tellOfOther(options, missing);
      await withFetchLock({ folder, signal, staleMs: timing.staleLockMs, onWait }, async () => {
        // Another one may have brought them meanwhile.
        for (const name of await missingOf(options)) await fetchOne(options, name);
      });
    }
  } catch (error) {
    throw fileTrouble(error, folder) ?? error;
  }
  return pathsIn(options);
};

const pathOf = ({ folder, wanted }: FetchPackagesOptions, name: PackageName): string =>
  join(folder, fileNameOf(name, wanted[name]));

const pathsIn = (options: FetchPackagesOptions): PackageFolder => ({
  wordpress: pathOf(options, 'wordpress'),
  woocommerce: pathOf(options, 'woocommerce'),
  storefront: pathOf(options, 'storefront'),
  sqlite: pathOf(options, 'sqlite'),
});

/** What isn't there as it should be; one that is something else goes. */
const missingOf = async (options: FetchPackagesOptions): Promise<PackageName[]> => {
  const missing: PackageName[] = [];
  for (const name of packageNames) {
    const file = pathOf(options, name);
    if (!existsSync(file)) missing.push(name);
    else {
      try {
        await verifyArchive(file, name, options.wanted[name], file);
      } catch (error) {
        if (!(error instanceof PackageError)) throw error;
        await rm(file, { force: true });
        missing.push(name);
      }
    }
  }
  return missing;
};

const fetchOne = async (options: FetchPackagesOptions, name: PackageName): Promise<void> => {
  const { timing, signal } = options;
  const wanted = options.wanted[name];
  const file = pathOf(options, name);
  const part = `${file}.part`;
  const tell = inSteps(titleOf(name, wanted), options.tell);
  let furthest = 0;
  for (let vain = 0; ;) {
    const before = furthest;
    try {
      const onProgress = (received: number, total: number | undefined) => {
        furthest = Math.max(furthest, received);
        tell(received, total);
      };
      await fetchFile({ url: wanted.url, part, signal, silenceMs: timing.silenceMs, onProgress });
      break;
    } catch (error) {
      if (!(error instanceof PackageError) || !error.isPassing) throw error;
      // What comes once more, where the other side gives no parts, brings nothing.
      vain = furthest > before ? 0 : vain + 1;
      if (vain >= vainTries) throw error;
      await pause(timing.pauseMs * 2 ** vain, undefined, { signal });
    }
  }
  try {
    await verifyPublished(part, name, wanted, options);
    await verifyArchive(part, name, wanted, `at ${wanted.url}`);
  } catch (error) {
    await forgetPart(part);
    throw error;
  }
  await rename(part, file);
  await forgetPart(part);
};

/** Of WordPress itself a checksum lies beside the archive. It is used when it answers; the version is looked at anyway. */
const verifyPublished = async (
  part: string,
  name: PackageName,
  { url, sha256 }: StorePackage,
  { timing, signal }: FetchPackagesOptions,
): Promise<void> => {
  if (name !== 'wordpress' || sha256 !== undefined) return;
  const published = await readChecksum(`${url}.sha1`, signal, timing.lookMs);
  if (published !== undefined) holdTo(published, await checksumOf(part, 'sha1'), `at ${url}`);
};

const readChecksum = async (
  url: string,
  signal: AbortSignal,
  limitMs: number,
): Promise<string | undefined> => {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), limitMs);
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, giveUp.signal]) });
    const text = answer.ok ? await answer.text() : '';
    return /^[0-9a-f]{40}\b/i.exec(text)?.[0].toLowerCase();
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    clearTimeout(timer);
  }
};

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000);
const sentenceOf = (title: string, received: number, total: number | undefined): string =>
  total === undefined
    ? `${title} is being fetched: ${megabytes(received)} MB so far`
    : `${title} is being fetched: ${megabytes(received)} of ${megabytes(total)} MB`;

/** A tenth is news, but no single megabyte more than once; each chunk would be too much. */
const newsBytes = 1_000_000;
const inSteps = (title: string, tell: (message: string) => void) => {
  let nextAt = 0;
  return (received: number, total: number | undefined): void => {
    if (received < nextAt) return;
    nextAt = received + Math.max(newsBytes, (total ?? 10 * newsBytes) / 10);
    tell(sentenceOf(title, received, total));
  };
};

/** Another start fetches into the same folder: what is seen of it is the part that grows. */
const tellOfOther = async (options: FetchPackagesOptions, missing: readonly PackageName[]): Promise<void> => {
  const name = missing.find((candidate) => !existsSync(pathOf(options, candidate)));
  if (!name) return;
  const size = await stat(`${pathOf(options, name)}.part`).then(
    (part) => part.size,
    () => 0,
  );
  options.tell(sentenceOf(titleOf(name, options.wanted[name]), size, undefined));
};
