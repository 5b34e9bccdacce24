import { readdir, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import type { Database, Sql } from './database.ts';

const folder = new URL('../../migrations/', import.meta.url);
const migrationLock = 7_340_001;
const Versions = z.array(z.object({ version: z.number().int() }));

/**
 * Brings the schema forward, each migration in the one transaction that also records it; processes that start together wait in line.
 * @param upTo the last version wanted: for a backup of an older release, whose rows come before the rest.
 * @throws ConfigError when the database was made by a newer release.
 */
export const migrate = async (db: Database, { upTo = Infinity } = {}): Promise<void> => {
  const migrations = await readMigrations();
  await db.transaction(async (sql) => {
    await sql.query('select pg_advisory_xact_lock($1)', [migrationLock]);
    await sql.query(
      'create table if not exists schema_migrations (version integer primary key, applied_at timestamptz not null default clock_timestamp())',
    );
    const current = await appliedVersion(sql);
    const newest = migrations.at(-1)?.version ?? 0;
    if (current > newest) {
      throw new ConfigError([
        `DATABASE_URL names a database with schema ${current}, and this release knows ${newest}: start the newer release`,
      ]);
    }
    const missing = migrations.filter(({ version }) => version > current && version <= upTo);
    for (const { version, text } of missing) {
      await sql.query(text);
      await sql.query('insert into schema_migrations (version) values ($1)', [version]);
    }
  });
};

/** @returns whether the schema is the one that this release needs. */
export const isMigrated = async (db: Database): Promise<boolean> =>
  (await schemaVersion(db)) === (await newestVersion());

/** @returns the schema that this release makes. */
export const newestVersion = async (): Promise<number> => (await readMigrations()).at(-1)?.version ?? 0;

/** @returns 0 for a database that no release has touched. */
export const schemaVersion = async (sql: Sql): Promise<number> => {
  const [table] = await sql.query("select to_regclass('schema_migrations') is not null as there");
  return table?.['there'] === true ? appliedVersion(sql) : 0;
};

const appliedVersion = async (sql: Sql): Promise<number> =>
  Versions.parse(await sql.query('select coalesce(max(version), 0) as version from schema_migrations'))[0]
    ?.version ?? 0;

/** Files are named `NNN-what.sql`. */
const readMigrations = async () => {
  const names = (await readdir(folder)).filter((name) => /^\d{3}-.+\.sql$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => ({
      version: Number(name.slice(0, 3)),
      text: await readFile(new URL(name, folder), 'utf8'),
    })),
  );
};
