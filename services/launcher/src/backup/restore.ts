import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { openDatabase, type Database } from '@store-platform/shared/db/database';
import { migrate, newestVersion } from '@store-platform/shared/db/migrate';
import { openTablesForRows } from '@store-platform/shared/db/table-rows';
import { startEmbeddedPostgres } from '@store-platform/shared/embedded-postgres/embedded-postgres';
import {
  discardEmbeddedPostgres,
  moveEmbeddedPostgres,
} from '@store-platform/shared/embedded-postgres/move-embedded-postgres';
import { claimDataFolder, usersOf } from '../data-folder.ts';
import { embeddedDatabase } from '../launcher-config.ts';
import { statementMs, type BackupOptions, type BackupReport } from './back-up.ts';
import { BackupError } from './backup-error.ts';
import { openBackup, type Backup } from './read-backup.ts';
import { wordsOf } from '@store-platform/shared/text/words-of';

/**
 * Makes a data folder of a backup: beside its place, and moved there when all is in it. Started afterwards, the
 * platform brings an older schema forward as with any older release.
 * @param options.dataDir an empty folder, or none.
 * @throws BackupError in sentences; then nothing has changed.
 */
export const restore = async (options: BackupOptions): Promise<BackupReport> => {
  const { dataDir, file } = options;
  await expectFree(dataDir);
  const backup = await openBackup(file);
  const newest = await newestVersion();
  const { schema, madeAt } = backup.header;
  if (schema > newest) {
    throw new BackupError(
      `The backup has schema ${schema}, and this release knows ${newest}: restore it with the newer release.`,
    );
  }
  const making = `${dataDir}.restoring`;
  await discard(making);
  try {
    await makeFolder(making, dataDir);
    const lock = claimDataFolder(making);
    await fill(making, backup, options);
    lock.release();
    await moveEmbeddedPostgres(making, dataDir).catch((error: unknown) => {
      throw new BackupError(`The data folder ${dataDir} could not be put in its place: ${wordsOf(error)}.`, {
        cause: error,
      });
    });
  } catch (error) {
    await discardEmbeddedPostgres(making);
    throw error;
  }
  return { ...backup.totals, schema, madeAt };
};

/** @throws BackupError when there is something in the folder, or it is in use. */
const expectFree = async (dataDir: string): Promise<void> => {
  const [user] = usersOf(dataDir);
  if (user) {
    throw new BackupError(
      `The platform runs on ${dataDir} (${user.name}, process ${user.pid}): stop it first, and restore into another folder.`,
    );
  }
  if (existsSync(dataDir) && (await readdir(dataDir)).length > 0) {
    throw new BackupError(
      `The data folder ${dataDir} is not empty: move it away first, or set DATA_DIR to another folder.`,
    );
  }
};

/** What a restore that was killed left beside the folder. */
const discard = async (making: string): Promise<void> => {
  const [user] = usersOf(making);
  if (user) throw new BackupError(`Another restore (process ${user.pid}) is under way.`);
  await discardEmbeddedPostgres(making);
};

/** As open as the folder in whose place it comes. */
const makeFolder = async (making: string, dataDir: string): Promise<void> => {
  await mkdir(dirname(making), { recursive: true });
  await mkdir(making, existsSync(dataDir) ? { mode: (await stat(dataDir)).mode } : {});
};

const fill = async (folder: string, backup: Backup, { logger, signal }: BackupOptions): Promise<void> => {
  const server = await startEmbeddedPostgres({ dataDir: folder, database: embeddedDatabase });
  const limits = { max: 1, applicationName: 'restore', patienceMs: statementMs };
  const db = openDatabase({ url: server.url, ...limits, logger });
  try {
    await migrate(db, { upTo: backup.header.schema });
    await takeContent(db, folder, backup, signal);
  } finally {
    await db.close();
    await server.stop();
  }
};

const takeContent = (db: Database, folder: string, backup: Backup, signal: AbortSignal): Promise<void> =>
  db.transaction(async (sql) => {
    const tables = await openTablesForRows(sql);
    for await (const line of backup.content()) {
      signal.throwIfAborted();
      if (line.kind === 'rows') await tables.insert(line.table, line.rows).catch(refuse);
      if (line.kind === 'sequence') await tables.continueSequence(line);
      if (line.kind === 'file') await appendPiece(join(folder, line.path), line.base64);
    }
  });

/** What PostgreSQL itself says of rows that it doesn't take is no sentence for whoever asked for a restore. */
const refuse = (error: unknown): never => {
  if (error instanceof PlatformError) throw error;
  throw new BackupError('The backup holds rows that its schema does not take: it is damaged.', {
    cause: error,
  });
};

const appendPiece = async (path: string, base64: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // On the disk when it returns, as the database is: the rename must not be first there.
  await appendFile(path, Buffer.from(base64, 'base64'), { mode: 0o600, flag: 'as' });
};
