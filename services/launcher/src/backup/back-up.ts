import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '@store-platform/shared/db/database';
import { readSnapshot, type TableSnapshot } from '@store-platform/shared/db/table-rows';
import {
  findEmbeddedPostgres,
  startEmbeddedPostgres,
} from '@store-platform/shared/embedded-postgres/embedded-postgres';
import type { Logger } from '@store-platform/shared/log/logger';
import { claimDataFolder, usersOf } from '../data-folder.ts';
import { embeddedDatabase } from '../launcher-config.ts';
import { BackupError } from './backup-error.ts';
import { formatName, type Totals } from './backup-line.ts';
import { findClusterFiles, piecesOf } from './cluster-files.ts';
import { writeBackup, type WriteLine } from './write-backup.ts';

export interface BackupOptions {
  /** Absolute, both. */
  readonly dataDir: string;
  readonly file: string;
  /** Aborted: nothing is left of it. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** What a backup holds. */
export interface BackupReport extends Totals {
  readonly schema: number;
  readonly madeAt: string;
}

/** Longer than any one statement of a backup or a restore takes, on a slow disk, too. */
export const statementMs = 120_000;

/**
 * Copies the platform's own data into one file, also while the platform runs: all tables as of one moment, then the
 * emulated cluster, which may so be newer than the rows, but never older.
 * @throws BackupError in sentences.
 */
export const backUp = async (options: BackupOptions): Promise<BackupReport & { fileBytes: number }> => {
  const { dataDir, file, signal, logger } = options;
  if (!existsSync(join(dataDir, 'postgres-password')))
    throw new BackupError(`The data folder ${dataDir} holds no database: nothing was ever started there.`);
  const server = await reachDatabase(dataDir);
  const limits = { max: 1, applicationName: 'backup', patienceMs: statementMs };
  const db = openDatabase({ url: server.url, ...limits, logger });
  const madeAt = new Date().toISOString();
  try {
    let held: Omit<BackupReport, 'madeAt'> | undefined;
    const fill = async (write: WriteLine) => {
      const rows = await readSnapshot(db, (snapshot) => writeRows(snapshot, madeAt, write));
      const files = await writeFiles(dataDir, write);
      held = { kind: 'end', ...rows, ...files };
      await write({ kind: 'end', tables: held.tables, ...files });
    };
    const fileBytes = await writeBackup(file, fill, signal);
    if (!held) throw new Error('The backup was not filled.');
    return { ...held, madeAt, fileBytes };
  } finally {
    await db.close();
    await server.leave();
  }
};

/** The database of a platform that runs is used as it is; otherwise it is started for the while, and the folder held. */
const reachDatabase = async (dataDir: string): Promise<{ url: string; leave(): Promise<void> }> => {
  const where = { dataDir, database: embeddedDatabase };
  if (usersOf(dataDir).length === 0) {
    const folder = claimDataFolder(dataDir);
    const leave = async (stop?: () => Promise<void>) => {
      await stop?.();
      folder.release();
    };
    try {
      const server = await startEmbeddedPostgres(where);
      return { url: server.url, leave: () => leave(server.stop) };
    } catch (error) {
      await leave();
      throw error;
    }
  }
  const url = await findEmbeddedPostgres(where);
  if (!url) throw new BackupError('The platform runs, and its database does not answer yet: try again.');
  return { url, leave: async () => {} };
};

const writeRows = async (snapshot: TableSnapshot, madeAt: string, write: WriteLine) => {
  const { schema } = snapshot;
  await write({ kind: 'header', format: formatName, schema, madeAt });
  const tables: Record<string, number> = {};
  for (const table of snapshot.tables) {
    tables[table] = 0;
    for await (const rows of snapshot.rowsOf(table)) {
      tables[table] += rows.length;
      await write({ kind: 'rows', table, rows: [...rows] });
    }
  }
  for (const sequence of await snapshot.sequences()) await write({ kind: 'sequence', ...sequence });
  return { schema, tables };
};

const writeFiles = async (dataDir: string, write: WriteLine) => {
  let files = 0;
  let bytes = 0;
  for (const path of await findClusterFiles(dataDir)) {
    let pieces = 0;
    for await (const piece of piecesOf(join(dataDir, path))) {
      await write({ kind: 'file', path, base64: piece.toString('base64') });
      pieces += 1;
      bytes += piece.length;
    }
    if (pieces > 0) files += 1;
  }
  return { files, bytes };
};
