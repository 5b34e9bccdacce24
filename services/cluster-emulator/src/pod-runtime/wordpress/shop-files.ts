import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { PackageFolder } from '../../packages/package-folder.ts';
import type { PhpProcesses } from './php-processes.ts';

/** PHP files of our own: what differs where a shop runs on Node alone. */
const phpFile = (name: string): string => fileURLToPath(new URL(`../../../php/${name}`, import.meta.url));

export const ownPhp = {
  database: phpFile('database.php'),
  wp: phpFile('wp'),
  unpack: phpFile('unpack.php'),
};

/** Where a claim holds its shop whole: this file is written last. */
const lastFile = 'wp-config.php';

/**
 * The files of a fresh shop, unpacked once for each set of archives.
 * @param folder that holds them all
 * @returns a docroot without configuration
 * @throws Error that says which archive is none
 */
export const unpackOnce = async (
  packages: PackageFolder,
  folder: string,
  processes: PhpProcesses,
): Promise<string> => {
  const target = join(folder, await nameOf(packages));
  if (existsSync(target)) return target;
  const unpacking = `${target}.new`;
  await rm(unpacking, { recursive: true, force: true });
  await mkdir(unpacking, { recursive: true, mode: 0o700 });
  const archives = places(packages);
  const mounts = archives.map(([, archive], index): [string, string] => [`/archives/${index}.zip`, archive]);
  const child = processes.program(
    {
      mounts: { ...Object.fromEntries(mounts), '/unpacked': unpacking, '/unpack.php': ownPhp.unpack },
      env: {},
    },
    ['/unpack.php', ...archives.flatMap(([place], index) => [`/archives/${index}.zip`, place])],
  );
  const [exitCode, words] = await Promise.all([
    new Promise<number | null>((resolve) => child.once('close', resolve)),
    child.stderr ? text(child.stderr) : '',
  ]);
  if (exitCode !== 0) throw new Error(words.trim() || `Unpacking ended with code ${exitCode}.`);
  await rename(join(unpacking, 'wordpress'), target);
  await rm(unpacking, { recursive: true });
  return target;
};

/** Where each is unpacked: it holds one folder, of the name that it has in WordPress. */
const places = ({ wordpress, woocommerce, storefront, sqlite }: PackageFolder): [string, string][] => [
  ['.', wordpress],
  ['wordpress/wp-content/plugins', woocommerce],
  ['wordpress/wp-content/plugins', sqlite],
  ['wordpress/wp-content/themes', storefront],
];

/** Other archives, other files: path, size and time tell them apart. */
const nameOf = async (packages: PackageFolder): Promise<string> => {
  const hash = createHash('sha256');
  for (const path of Object.values(packages)) {
    const { size, mtimeMs } = await stat(path);
    hash.update(JSON.stringify([path, size, mtimeMs]));
  }
  return hash.digest('hex').slice(0, 16);
};

export const holdsShop = (docroot: string): boolean => existsSync(join(docroot, lastFile));

/** What is copied from here is whole only when it gets its own. */
export const removeLastFile = (docroot: string): Promise<void> => rm(join(docroot, lastFile));

/**
 * Folder by folder, which takes half of the time of Node's own (measured with a shop's 7,000 files).
 * @param source a whole docroot; what an earlier start has begun to copy is written over.
 */
export const copyShop = async (source: string, docroot: string): Promise<void> => {
  await mkdir(docroot, { recursive: true, mode: 0o700 });
  const entries = await readdir(source, { withFileTypes: true });
  await Promise.all(
    entries.map((entry) => {
      const [from, to] = [join(source, entry.name), join(docroot, entry.name)];
      return entry.isDirectory() ? copyShop(from, to) : copyFile(from, to, constants.COPYFILE_FICLONE);
    }),
  );
};

/** What is the platform's own among a shop's files: fresh with each start. */
export const writeOwnFiles = async (docroot: string): Promise<void> => {
  const content = join(docroot, 'wp-content');
  await mkdir(join(content, 'mu-plugins'), { recursive: true });
  await writeFile(
    join(content, 'db.php'),
    await readFile(join(content, 'plugins/sqlite-database-integration/db.copy')),
  );
  await writeFile(
    join(content, 'mu-plugins/store-platform.php'),
    await readFile(phpFile('store-platform.php')),
  );
  await writeFile(join(docroot, lastFile), await readFile(phpFile('wp-config.php')));
};
