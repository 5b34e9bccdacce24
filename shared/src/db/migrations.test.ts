import { describe, expect, it } from 'vitest';
import { rowsOfMigration } from '../testing/migration-rows.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import type { Database, Row } from './database.ts';
import { migrate, newestVersion } from './migrate.ts';
import { readSnapshot } from './table-rows.ts';

const useEmptyDatabase = async (): Promise<Database> => {
  const { db } = await useTestDatabase();
  await db.query('drop schema public cascade');
  await db.query('create schema public');
  return db;
};

/** All rows of all tables, except which migrations there were. */
const readAll = (db: Database): Promise<Map<string, Row[]>> =>
  readSnapshot(db, async ({ tables, rowsOf }) => {
    const all = new Map<string, Row[]>();
    for (const table of tables.filter((name) => name !== 'schema_migrations')) {
      all.set(table, []);
      for await (const rows of rowsOf(table)) all.get(table)?.push(...rows);
    }
    return all;
  });

const bringRows = async (db: Database, upTo: number): Promise<void> => {
  for (let version = 1; version <= upTo; version += 1) {
    await migrate(db, { upTo: version });
    const rows = rowsOfMigration[version];
    if (rows === undefined) throw new Error(`Migration ${version} has no rows in migration-rows.ts`);
    if (rows) await db.query(rows);
  }
};

const versions = Array.from({ length: await newestVersion() }, (_, index) => index + 1);

describe('a database with rows in it', () => {
  it.each(versions)(
    'has some in each table, and a value in each column, after migration %i',
    async (version) => {
      const db = await useEmptyDatabase();
      await bringRows(db, version);
      for (const [table, rows] of await readAll(db)) {
        const columns = Object.keys(rows[0] ?? {});
        const empty = columns.filter((column) => rows.every((row) => row[column] === null));
        expect({ table, rows: rows.length > 0, empty }).toEqual({ table, rows: true, empty: [] });
      }
    },
  );

  it.each(versions)('keeps all of them in migration %i', async (version) => {
    const db = await useEmptyDatabase();
    await bringRows(db, version - 1);
    const before = await readAll(db);
    await migrate(db, { upTo: version });
    const after = await readAll(db);
    for (const [table, rows] of before) {
      expect(after.get(table), table).toHaveLength(rows.length);
      rows.forEach((row, index) => expect(after.get(table)?.[index], table).toMatchObject(row));
    }
  });
});
