import { describe, expect, it, onTestFinished } from 'vitest';
import { useCuttableProxy } from '../testing/cuttable-proxy.ts';
import { silentLogger as logger } from '../testing/silent-logger.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import { until } from '../testing/until.ts';
import { openDatabase } from './database.ts';

const away = { name: 'PlatformError', code: 'database_away', retryAfterSeconds: 2 };
const patienceMs = 400;

const setUp = async ({ max = 2 } = {}) => {
  const { db: beside, url } = await useTestDatabase();
  const proxy = await useCuttableProxy(url);
  const db = openDatabase({ url: proxy.url, max, applicationName: 'patient', patienceMs, logger });
  onTestFinished(() => db.close());
  await db.query('create table shops (name text primary key)');
  const names = async () =>
    (await beside.query('select name from shops order by name')).map(({ name }) => name);
  return { db, beside, proxy, names };
};

/** For a connection, and again for an answer, with room for a slow machine. */
const inTime = async (asking: Promise<unknown>) => {
  const since = performance.now();
  await expect(asking).rejects.toMatchObject(away);
  expect(performance.now() - since).toBeLessThan(2 * patienceMs + 700);
};

describe('a database', () => {
  it('that is gone or frozen is said to be away within the patience, and is there again by itself', async () => {
    const { db, proxy } = await setUp();
    await proxy.cut();
    await inTime(db.query('select 1'));
    await inTime(db.transaction((sql) => sql.query('select 1')));
    await proxy.mend();
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    proxy.freeze();
    await inTime(db.query('select 1'));
    await inTime(db.transaction((sql) => sql.query('select 1')));
    proxy.thaw();
    await until('it answers', () =>
      db.query('select 1').then(
        () => true,
        () => false,
      ),
    );
  });

  it('whose connections are all taken is away too, for whoever waits too long', async () => {
    const { db } = await setUp({ max: 1 });
    await db.transaction(async () => {
      await inTime(db.query('select 1'));
    });
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('that ends a session says that it is away, and the next question finds it', async () => {
    const { db, beside } = await setUp();
    const ending = db.transaction(async (sql) => {
      await sql.query(`insert into shops values ('half')`);
      await beside.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'patient'`,
      );
      await sql.query('select 1');
    });
    await expect(ending).rejects.toMatchObject(away);
    expect(await db.query('select name from shops')).toEqual([]);
  });

  it('tells what is wrong with a question as PostgreSQL says it', async () => {
    const { db } = await setUp();
    await expect(db.query('select nothing')).rejects.toMatchObject({ code: '42703' });
    await expect(db.query(`insert into shops values ($1)`, ['timeout\0'])).rejects.toMatchObject({
      code: '22021',
    });
  });

  it('takes all of a transaction or nothing of it', async () => {
    const { db, names } = await setUp({ max: 1 });
    await db.transaction((sql) => sql.query(`insert into shops values ('kept')`));
    const failing = db.transaction(async (sql) => {
      await sql.query(`insert into shops values ('lost')`);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await expect(
      db.transaction((sql) => sql.query(`insert into shops values ('kept')`)),
    ).rejects.toMatchObject({
      code: '23505',
    });
    expect(await names()).toEqual(['kept']);
    expect(await db.query('select count(*) as shops from shops')).toEqual([{ shops: 1 }]);
  });
});
