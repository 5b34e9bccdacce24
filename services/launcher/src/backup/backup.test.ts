import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openDatabase, type Database, type Row } from '@store-platform/shared/db/database';
import { migrate } from '@store-platform/shared/db/migrate';
import { readSnapshot } from '@store-platform/shared/db/table-rows';
import { startEmbeddedPostgres } from '@store-platform/shared/embedded-postgres/embedded-postgres';
import { discardEmbeddedPostgres } from '@store-platform/shared/embedded-postgres/move-embedded-postgres';
import { rowsOfMigration } from '@store-platform/shared/testing/migration-rows';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import { describe, expect, it, onTestFinished } from 'vitest';
import { claimDataFolder } from '../data-folder.ts';
import { embeddedDatabase } from '../launcher-config.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { backUp } from './back-up.ts';
import { restore } from './restore.ts';

const never = new AbortController().signal;
const given = { signal: never, logger: silentLogger };

/** @param mode 0o755 lets PostgreSQL's own user in; otherwise its data lie outside, when this runs as root. */
const useScratch = async (mode = 0o755): Promise<string> => {
  const scratch = await scratchFolder();
  await chmod(scratch, mode);
  return scratch;
};

/** A data folder that is taken away again, with what lies outside. */
const useDataDir = (scratch: string, name: string): string => {
  const dataDir = join(scratch, name);
  onTestFinished(() => discardEmbeddedPostgres(dataDir));
  return dataDir;
};

const withDatabase = async <T>(dataDir: string, work: (db: Database) => Promise<T>): Promise<T> => {
  const server = await startEmbeddedPostgres({ dataDir, database: embeddedDatabase });
  const options = { max: 2, applicationName: 'test', patienceMs: 10_000, logger: silentLogger };
  const db = openDatabase({ url: server.url, ...options });
  try {
    return await work(db);
  } finally {
    await db.close();
    await server.stop();
  }
};

const readAll = (db: Database): Promise<Map<string, Row[]>> =>
  readSnapshot(db, async ({ tables, rowsOf }) => {
    const all = new Map<string, Row[]>();
    for (const table of tables) for await (const rows of rowsOf(table)) all.set(table, [...rows]);
    return all;
  });

const shop = 'cluster/claims/store-shop0002/wordpress-data-1/stand-in-shop.json';
/** More than one piece, and no text. */
const objects = Buffer.from(Array.from({ length: 600_000 }, (_, index) => index % 256));

/** A platform's data folder at rest, with rows in each table and an emulated cluster. */
const usePlatformData = async (scratch: string): Promise<string> => {
  const dataDir = useDataDir(scratch, 'data');
  await mkdir(dataDir);
  await withDatabase(dataDir, async (db) => {
    await migrate(db);
    for (const rows of Object.values(rowsOfMigration)) await db.query(rows);
  });
  mkdirSync(join(dataDir, shop, '..'), { recursive: true });
  writeFileSync(join(dataDir, shop), '{"orders":[]}');
  writeFileSync(join(dataDir, `${shop}.new`), '{"ord');
  writeFileSync(join(dataDir, 'cluster/objects.jsonl'), objects);
  writeFileSync(join(dataDir, 'cluster/credentials.json'), '{"token":"of this machine"}');
  return dataDir;
};

/** Restores into a folder of its own, and reads what came of it. */
const restored = async (scratch: string, file: string, name = 'again') => {
  const dataDir = useDataDir(scratch, name);
  await restore({ ...given, dataDir, file });
  return { dataDir, rows: await withDatabase(dataDir, readAll) };
};

describe('a backup', () => {
  it.each([
    ['where PostgreSQL may enter the folder', 0o755],
    ['where root must keep the database elsewhere', 0o700],
  ])('of a platform at rest comes back as it was, %s', async (_, mode) => {
    const scratch = await useScratch(mode);
    const dataDir = await usePlatformData(scratch);
    const file = join(scratch, 'backup');
    const { fileBytes, ...report } = await backUp({ ...given, dataDir, file });
    expect(report).toMatchObject({
      tables: { stores: 5, stage_runs: 7, store_events: 4, workers: 2, installation: 1, cluster_findings: 1 },
      files: 2,
      bytes: objects.length + 13,
    });
    expect([fileBytes, statSync(file).mode & 0o777]).toEqual([statSync(file).size, 0o600]);

    const again = await restored(scratch, file);
    expect(again.rows).toEqual(await withDatabase(dataDir, readAll));
    expect(readFileSync(join(again.dataDir, 'cluster/objects.jsonl')).equals(objects)).toBe(true);
    expect(readdirSync(join(again.dataDir, shop, '..'))).toEqual(['stand-in-shop.json']);
    expect(readdirSync(join(again.dataDir, 'cluster')).toSorted()).toEqual(['claims', 'objects.jsonl']);
    expect(readdirSync(scratch).toSorted()).toEqual(['again', 'backup', 'data']);
  });

  it('is taken of a platform that runs, which goes on; nothing is restored over that one', async () => {
    const scratch = await useScratch();
    const dataDir = await usePlatformData(scratch);
    const file = join(scratch, 'backup');
    const held = claimDataFolder(dataDir);
    onTestFinished(() => held.release());
    await expect(backUp({ ...given, dataDir, file })).rejects.toThrow('its database does not answer yet');
    const rows = await withDatabase(dataDir, async (db) => {
      await backUp({ ...given, dataDir, file });
      return readAll(db);
    });
    await expect(restore({ ...given, dataDir, file })).rejects.toThrow(
      `The platform runs on ${dataDir} (launcher, process ${process.pid}): stop it first`,
    );
    expect((await restored(scratch, file)).rows).toEqual(rows);
  });

  it('is never written over another file, nor half', async () => {
    const scratch = await useScratch();
    const dataDir = await usePlatformData(scratch);
    const file = join(scratch, 'backup');
    writeFileSync(file, 'mine');
    await expect(backUp({ ...given, dataDir, file })).rejects.toThrow('is there already: name another file');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const elsewhere = join(scratch, 'no/backup');
    await expect(backUp({ ...given, dataDir, file: elsewhere })).rejects.toThrow('make the folder first');
    const interrupted = { ...given, signal: AbortSignal.abort(new Error('Interrupted.')) };
    await expect(backUp({ ...interrupted, dataDir, file: `${file}2` })).rejects.toThrow('Interrupted.');
    expect(readdirSync(scratch).toSorted()).toEqual(['backup', 'data']);
    await expect(backUp({ ...given, dataDir: join(scratch, 'none'), file })).rejects.toThrow(
      'nothing was ever started there',
    );
  });
});

const header = {
  kind: 'header',
  format: 'store-platform-backup',
  schema: 1,
  madeAt: '2026-01-01T00:00:00.000Z',
};
const end = { kind: 'end', tables: {}, files: 0, bytes: 0 };
const packed = (...lines: unknown[]) => gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

describe('a restore', () => {
  it.each([
    ['some text', Buffer.from('hello'), /is not a backup of Store Platform/],
    ['nothing', Buffer.alloc(0), /is not a backup|was cut short/],
    ['another gzip', gzipSync('hello'), /is not a backup of Store Platform/],
    ['another JSON', packed({ kind: 'end' }), /is not a backup of Store Platform/],
    ['one that is cut in the middle', packed(header, end).subarray(0, -12), /was cut short|it is damaged/],
    ['one without its end', packed(header), /was cut short/],
    ['one of a newer release', packed({ ...header, schema: 999 }, end), /has schema 999, and this release/],
    [
      'one that leads out of the folder',
      packed(header, { kind: 'file', path: 'cluster/../../x', base64: '' }, end),
      /damaged/,
    ],
    [
      'one with an unknown table',
      packed(header, { kind: 'rows', table: 'pets', rows: [{}] }, end),
      /damaged/,
    ],
    [
      'one with rows that do not fit',
      packed(header, { kind: 'rows', table: 'stores', rows: [{}] }, end),
      /damaged/,
    ],
  ])('of %s is refused, and leaves nothing', async (_, content, sentence) => {
    const scratch = await useScratch();
    const file = join(scratch, 'backup');
    writeFileSync(file, content);
    await expect(restore({ ...given, dataDir: useDataDir(scratch, 'data'), file })).rejects.toThrow(sentence);
    expect(readdirSync(scratch)).toEqual(['backup']);
  });

  it('is refused by a folder in which something lies', async () => {
    const scratch = await useScratch();
    writeFileSync(join(scratch, 'backup'), packed(header, end));
    const dataDir = join(scratch, 'data');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'mine'), '');
    const ask = () => restore({ ...given, dataDir, file: join(scratch, 'backup') });
    await expect(ask()).rejects.toThrow(`The data folder ${dataDir} is not empty: move it away first`);
    expect(readdirSync(dataDir)).toEqual(['mine']);
  });

  it('that is interrupted leaves nothing; one that was killed is cleared away by the next', async () => {
    const scratch = await useScratch();
    const file = join(scratch, 'backup');
    writeFileSync(file, packed({ ...header, schema: 2 }, end));
    const dataDir = useDataDir(scratch, 'data');
    mkdirSync(dataDir);
    const making = `${dataDir}.restoring`;

    const interruption = new AbortController();
    const interrupted = restore({ ...given, dataDir, file, signal: interruption.signal });
    await until('its database is made', () => existsSync(join(making, 'postgres-password')));
    interruption.abort(new Error('Interrupted.'));
    await expect(interrupted).rejects.toThrow('Interrupted.');
    expect([readdirSync(scratch).toSorted(), readdirSync(dataDir)]).toEqual([['backup', 'data'], []]);

    await mkdir(making);
    await startEmbeddedPostgres({ dataDir: making, database: embeddedDatabase });
    const killed = readFileSync(join(making, 'postgres/postmaster.pid'), 'utf8').split('\n')[0] ?? '';
    await restore({ ...given, dataDir, file });
    expect(readdirSync(scratch).toSorted()).toEqual(['backup', 'data']);
    expect(() => execFileSync('ps', ['-p', killed])).toThrow();
    expect((await withDatabase(dataDir, readAll)).get('stores')).toBeUndefined();
  });
});
