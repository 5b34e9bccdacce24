import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findPostgresBinaries } from './binaries.ts';
import { stopPostgres } from './embedded-postgres.ts';
import { choosePostgresHome, outsideFolder } from './postgres-user.ts';

/**
 * Puts a stopped server's folder in the place of another one, which is empty or missing.
 * @throws Error when that place is taken by then, can't be replaced, or PostgreSQL's own part has to lie elsewhere and
 * there is one there already.
 */
export const moveEmbeddedPostgres = async (from: string, to: string): Promise<void> => {
  const home = await choosePostgresHome(from, await findPostgresBinaries());
  if (home.folder === home.data) return rename(from, to);
  const folder = outsideFolder(to);
  const data = join(folder, 'postgres');
  if (existsSync(data)) throw new Error(`a database of it still lies in ${data}; move that away first`);
  await mkdir(folder, { recursive: true });
  // First, so that what is interrupted in between is refused for its password, and not taken for an empty platform.
  await rename(home.data, data);
  await rename(from, to).catch(async (error: unknown) => {
    await rm(data, { recursive: true });
    throw error;
  });
  await rm(home.folder, { recursive: true });
};

/** Stops what runs on this folder and removes all of it, for one that was made in vain. */
export const discardEmbeddedPostgres = async (dataDir: string): Promise<void> => {
  if (!existsSync(dataDir)) return;
  const home = await choosePostgresHome(dataDir, await findPostgresBinaries());
  await stopPostgres(home);
  await rm(home.folder, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
};
