import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useTestDatabase } from '../testing/test-database.ts';
import type { Database } from './database.ts';
import { isMigrated, migrate } from './migrate.ts';
import { findStore } from './stores.ts';

const useEmptyDatabase = async () => {
  const { db } = await useTestDatabase();
  await db.query('drop schema public cascade');
  await db.query('create schema public');
  return db;
};
const folder = new URL('../../migrations/', import.meta.url);
const releases = readdirSync(folder).toSorted();

/** As the release left it whose newest migration that was. */
const makeSchemaOf = async (db: Database, newest: string): Promise<void> => {
  await db.query(
    'create table schema_migrations (version integer primary key, applied_at timestamptz not null default clock_timestamp())',
  );
  for (const name of releases.slice(0, releases.indexOf(newest) + 1)) {
    await db.query(readFileSync(new URL(name, folder), 'utf8'));
    await db.query('insert into schema_migrations (version) values ($1)', [Number(name.slice(0, 3))]);
  }
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

  it.each(releases.slice(0, -1))(
    'of the older release %s is brought forward, and what is in it stays',
    async (name) => {
      const db = await useEmptyDatabase();
      await makeSchemaOf(db, name);
      await db.query(
        `insert into stores (store_id, name, type, status, profile, url, admin_url, namespace)
       values ('store-aaaaaaaa', 'My Shop', 'woocommerce', 'provisioning', 'spec', 'http://a', 'http://a', 'store-aaaaaaaa')`,
      );
      await db.query(
        "insert into stage_runs (store_id, generation, stage, status) values ('store-aaaaaaaa', 1, 'namespace', 'running')",
      );
      expect(await isMigrated(db)).toBe(false);
      await migrate(db);
      expect(await isMigrated(db)).toBe(true);
      expect(await findStore(db, 'store-aaaaaaaa')).toMatchObject({
        name: 'My Shop',
        stages: [{ stage: 'namespace', status: 'running', watched_ms: 0, watching_since: null }],
      });
    },
  );

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
