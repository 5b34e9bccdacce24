import { describe, expect, it } from 'vitest';
import { useTestDatabase } from '../testing/test-database.ts';
import { isMigrated, migrate } from './migrate.ts';

const useEmptyDatabase = async () => {
  const { db } = await useTestDatabase();
  await db.query('drop schema public cascade');
  await db.query('create schema public');
  return db;
};
const versions = 'select version from schema_migrations order by version';

describe('the schema', () => {
  it('is made once by any number of processes that start together', async () => {
    const db = await useEmptyDatabase();
    expect(await isMigrated(db)).toBe(false);
    await Promise.all([migrate(db), migrate(db), migrate(db), migrate(db)]);
    const applied = await db.query(versions);
    await migrate(db);
    expect(await db.query(versions)).toEqual(applied);
    expect(applied[0]).toEqual({ version: 1 });
    expect(await db.query('select count(*) as installations from installation')).toEqual([
      { installations: 1 },
    ]);
    expect(await isMigrated(db)).toBe(true);
  });

  it('is all there or not at all', async () => {
    const db = await useEmptyDatabase();
    await db.query('create table workers (in_the_way text)');
    await expect(migrate(db)).rejects.toMatchObject({ code: '42P07' });
    expect(await db.query("select to_regclass('stores') as stores")).toEqual([{ stores: null }]);
    expect(await isMigrated(db)).toBe(false);
  });

  it('of an older release is brought forward, and what is in it stays', async () => {
    const db = await useEmptyDatabase();
    await migrate(db, { upTo: 1 });
    await db.query(
      `insert into stores (store_id, name, type, status, profile, url, admin_url, namespace)
       values ('store-aaaaaaaa', 'My Shop', 'woocommerce', 'failed', 'spec', 'http://a', 'http://a', 'store-aaaaaaaa')`,
    );
    expect(await isMigrated(db)).toBe(false);
    await migrate(db);
    expect(await isMigrated(db)).toBe(true);
    expect(await db.query('select store_id from stores')).toEqual([{ store_id: 'store-aaaaaaaa' }]);
    expect(await db.query('select code from cluster_findings')).toEqual([]);
  });

  it('of a newer release is left alone, and named in a sentence', async () => {
    const { db } = await useTestDatabase();
    await db.query('insert into schema_migrations (version) values (999)');
    await expect(migrate(db)).rejects.toMatchObject({
      name: 'ConfigError',
      faults: [expect.stringMatching(/schema 999, and this release knows \d+: start the newer release$/)],
    });
    expect(await isMigrated(db)).toBe(false);
  });
});
