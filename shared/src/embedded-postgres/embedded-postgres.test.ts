import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../db/database.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { until } from '../testing/until.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';

const useDataDir = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // As root, PostgreSQL runs as a user of its own, who must be able to enter.
  await chmod(folder, 0o755);
  return folder;
};

const start = (dataDir: string, settings = {}): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dataDir, database: 'shops', settings: { fsync: 'off', ...settings } });

const ask = async (url: string, sql: string) => {
  const options = { applicationName: 'test', max: 1, patienceMs: 5000, logger: silentLogger };
  const db = openDatabase({ url, ...options });
  try {
    return await db.query(sql);
  } finally {
    await db.close();
  }
};

const gone = { code: 'database_away' };
const untilGone = (url: string) =>
  until('it is gone', () =>
    ask(url, 'select 1').then(
      () => false,
      () => true,
    ),
  );

const readPid = async (dataDir: string): Promise<number> => {
  const [first = ''] = (await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n');
  return Number(first);
};

describe('the embedded PostgreSQL', () => {
  it('is made anew where its making was cut short', async () => {
    const dataDir = await useDataDir();
    await mkdir(join(dataDir, 'postgres.making'));
    await writeFile(join(dataDir, 'postgres.making/PG_VERSION'), '15');
    const made = await start(dataDir);
    onTestFinished(made.stop);
    expect(await ask(made.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('keeps its data and its password when it stops, and when it is killed', async () => {
    const dataDir = await useDataDir();
    const first = await start(dataDir, { work_mem: '5MB' });
    onTestFinished(async () => (await start(dataDir)).stop());
    expect(await ask(first.url, 'show work_mem')).toEqual([{ work_mem: '5MB' }]);
    await ask(first.url, `create table kept as select 'a shop' as name`);
    await first.stop();
    await expect(ask(first.url, 'select 1')).rejects.toMatchObject(gone);

    const second = await start(dataDir);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    expect(await ask(second.url, 'select name from kept')).toEqual([{ name: 'a shop' }]);
    process.kill(await readPid(dataDir), 'SIGKILL');
    await untilGone(second.url);

    expect(await second.revive()).toBe(true);
    expect(await second.revive()).toBe(false);
    expect(await ask(second.url, 'select name from kept')).toEqual([{ name: 'a shop' }]);
    process.kill(await readPid(dataDir), 'SIGKILL');
    await untilGone(second.url);

    const third = await start(dataDir);
    expect(await ask(third.url, 'select name from kept')).toEqual([{ name: 'a shop' }]);
  });

  it('is attached to where one still runs on the folder; its door is for the owner of the folder alone', async () => {
    const dataDir = await useDataDir();
    const orphan = await start(dataDir);
    const pid = await readPid(dataDir);
    const attached = await start(dataDir);
    onTestFinished(attached.stop);
    expect([attached.url, await readPid(dataDir)]).toEqual([orphan.url, pid]);

    const file = join(dataDir, 'postgres-password');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe(new URL(attached.url).password);
    expect(await ask(attached.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    const guess = new URL(attached.url);
    guess.password = 'guessed';
    await expect(ask(guess.href, 'select 1')).rejects.toThrow(/password authentication failed/);

    await attached.stop();
    await expect(ask(orphan.url, 'select 1')).rejects.toMatchObject(gone);
    await orphan.stop();
  });
});
