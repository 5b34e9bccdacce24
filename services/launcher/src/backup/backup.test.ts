import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openDatabase } from '@store-platform/shared/db/database';
import { migrate } from '@store-platform/shared/db/migrate';
import { startEmbeddedPostgres } from '@store-platform/shared/embedded-postgres/embedded-postgres';
import { discardEmbeddedPostgres } from '@store-platform/shared/embedded-postgres/move-embedded-postgres';
import { rowsOfMigration } from '@store-platform/shared/testing/migration-rows';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import { describe, expect, it, onTestFinished } from 'vitest';
import { claimDataFolder } from '../data-folder.ts';
import { embeddedDatabase } from '../launcher-config.ts';
import { processIdentity } from '@store-platform/shared/process/process-identity';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { backUp } from './back-up.ts';
import type { BackupLine } from './backup-line.ts';
import { openBackup } from './read-backup.ts';
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
const useDataDir = (scratch: string, name = 'data'): string => {
  const dataDir = join(scratch, name);
  onTestFinished(() => discardEmbeddedPostgres(dataDir));
  return dataDir;
};

const shop = 'cluster/claims/store-shop0002/wordpress-data-1/stand-in-shop.json';
/** More than one piece, and no text. */
const objects = Buffer.from(Array.from({ length: 600_000 }, (_, index) => index % 256));

const fillDatabase = async (url: string): Promise<void> => {
  const options = { max: 1, applicationName: 'test', patienceMs: 10_000, logger: silentLogger };
  const db = openDatabase({ url, ...options });
  await migrate(db);
  for (const rows of Object.values(rowsOfMigration)) await db.query(rows);
  await db.close();
};

/** A platform that runs: its folder is held, its database has rows in each table, its emulated cluster a shop. */
const usePlatform = async (scratch: string) => {
  const dataDir = useDataDir(scratch);
  const held = claimDataFolder(dataDir);
  mkdirSync(join(dataDir, shop, '..'), { recursive: true });
  writeFileSync(join(dataDir, shop), '{"orders":[]}');
  writeFileSync(join(dataDir, shop, '../.an empty file+'), '');
  writeFileSync(join(dataDir, `${shop}.new`), '{"ord');
  writeFileSync(join(dataDir, 'cluster/objects.jsonl'), objects);
  writeFileSync(join(dataDir, 'cluster/credentials.json'), '{"token":"of this machine"}');
  const server = await startEmbeddedPostgres({ dataDir, database: embeddedDatabase });
  await fillDatabase(server.url);
  return { dataDir, server, release: held.release };
};

/** All that a backup holds, without when it was made. */
const contentOf = async (file: string): Promise<BackupLine[]> => {
  const backup = await openBackup(file);
  const lines: BackupLine[] = [];
  for await (const line of backup.content())
    lines.push(line.kind === 'header' ? { ...line, madeAt: '' } : line);
  return lines;
};

/** Each database that is made takes seconds on a busy machine. */
const slow = { timeout: 120_000 };

describe('a backup', () => {
  it(
    'is taken of a platform that runs, comes back as it was, and is the same when taken of that one at rest',
    slow,
    async () => {
      // Where this runs as root, the one database lies in its folder, and the other outside.
      const [scratch, closed] = [await useScratch(), await useScratch(0o700)];
      const { dataDir, server, release } = await usePlatform(scratch);
      const file = join(scratch, 'backup');
      const order = { ...given, dataDir, file };
      const { fileBytes, ...report } = await backUp(order);
      expect(report).toMatchObject({
        tables: {
          stores: 5,
          stage_runs: 7,
          store_events: 4,
          workers: 2,
          installation: 1,
          cluster_findings: 1,
        },
        files: 3,
        bytes: objects.length + 13,
      });
      expect([fileBytes, statSync(file).mode & 0o777]).toEqual([statSync(file).size, 0o600]);
      await expect(restore(order)).rejects.toThrow(
        `The platform runs on ${dataDir} (launcher, process ${process.pid}): stop it first`,
      );
      const content = await contentOf(file);

      // Never over another file, and never half.
      await expect(backUp(order)).rejects.toThrow('is there already: name another file');
      await expect(backUp({ ...order, file: join(scratch, 'no/b') })).rejects.toThrow(
        'make the folder first',
      );
      const interrupted = {
        ...order,
        file: `${file}2`,
        signal: AbortSignal.abort(new Error('Interrupted.')),
      };
      await expect(backUp(interrupted)).rejects.toThrow('Interrupted.');
      expect(await server.revive()).toBe(false);
      await server.stop();
      await expect(backUp({ ...order, file: `${file}2` })).rejects.toThrow('does not answer yet');
      release();
      expect(readdirSync(scratch).toSorted()).toEqual(['backup', 'data']);
      expect(await contentOf(file)).toEqual(content);

      const again = useDataDir(closed, 'again');
      await restore({ ...order, dataDir: again });
      expect(readFileSync(join(again, 'cluster/objects.jsonl')).equals(objects)).toBe(true);
      expect(readdirSync(join(again, shop, '..'))).toEqual(['.an empty file+', 'stand-in-shop.json']);
      expect(readdirSync(join(again, 'cluster')).toSorted()).toEqual(['claims', 'objects.jsonl']);
      await backUp({ ...given, dataDir: again, file: join(closed, 'backup') });
      expect(await contentOf(join(closed, 'backup'))).toEqual(content);
      expect(readdirSync(closed).toSorted()).toEqual(['again', 'backup']);
    },
  );

  it('of a folder where nothing was ever started is refused, and makes nothing', async () => {
    const scratch = await useScratch();
    const order = { ...given, dataDir: join(scratch, 'none'), file: join(scratch, 'backup') };
    await expect(backUp(order)).rejects.toThrow('nothing was ever started there');
    expect(readdirSync(scratch)).toEqual([]);
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

const isAlive = (pid: number): boolean => processIdentity(pid) !== undefined;

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
      'one with rows that do not fit',
      packed(header, { kind: 'rows', table: 'stores', rows: [{}] }, end),
      /damaged/,
    ],
  ])('of %s is refused, and leaves nothing', slow, async (_, content, sentence) => {
    const scratch = await useScratch();
    const file = join(scratch, 'backup');
    writeFileSync(file, content);
    await expect(restore({ ...given, dataDir: useDataDir(scratch), file })).rejects.toThrow(sentence);
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

  it(
    'that was killed is cleared away by the next; one that is interrupted leaves nothing',
    slow,
    async () => {
      const scratch = await useScratch();
      const file = join(scratch, 'backup');
      writeFileSync(file, packed(header, end));
      const dataDir = useDataDir(scratch);
      mkdirSync(dataDir);
      const making = `${dataDir}.restoring`;
      mkdirSync(making);
      writeFileSync(join(making, 'half'), '');
      await startEmbeddedPostgres({ dataDir: making, database: embeddedDatabase });
      const killed = Number(readFileSync(join(making, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

      const interruption = new AbortController();
      const outcome = restore({ ...given, dataDir, file, signal: interruption.signal }).catch(
        (error: unknown) => error,
      );
      await until('it begins anew', () => existsSync(making) && !existsSync(join(making, 'half')), {
        timeoutMs: 60_000,
      });
      await until('what was killed is stopped', () => !isAlive(killed));
      interruption.abort(new Error('Interrupted.'));
      expect(await outcome).toMatchObject({ message: 'Interrupted.' });
      expect([readdirSync(scratch).toSorted(), readdirSync(dataDir)]).toEqual([['backup', 'data'], []]);
    },
  );
});
