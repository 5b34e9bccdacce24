import { describe, expect, it } from 'vitest';
import { rowsOfMigration } from '../testing/migration-rows.ts';
import { insertSampleStore } from '../testing/sample-store.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import type { Database, Row } from './database.ts';
import { openTablesForRows, readSnapshot } from './table-rows.ts';

const readAll = (db: Database, between: (table: string) => Promise<void> = async () => {}) =>
  readSnapshot(db, async ({ tables, rowsOf, sequences }) => {
    const all = new Map<string, Row[]>();
    for (const table of tables) {
      const rows: Row[] = [];
      for await (const some of rowsOf(table)) rows.push(...some);
      all.set(table, rows);
      await between(table);
    }
    return { all, sequences: await sequences() };
  });

describe('a snapshot of all tables', () => {
  it('is of one moment: a store that is made meanwhile is not in it, with no part of it', async () => {
    const { db } = await useTestDatabase();
    const storeId = await insertSampleStore(db);
    const { all } = await readAll(db, async (table) => {
      if (table === 'stores') await insertSampleStore(db);
    });
    expect(all.get('stores')).toHaveLength(1);
    const owners = all.get('stage_runs')?.map((run) => run['store_id']);
    expect(new Set(owners)).toEqual(new Set([storeId]));
  });

  it('comes back in another database as it was, and numbers go on where they were', async () => {
    const [from, to] = [await useTestDatabase(), await useTestDatabase()];
    for (const rows of Object.values(rowsOfMigration)) await from.db.query(rows);
    const storeId = await insertSampleStore(from.db);
    await from.db.query('delete from stores where store_id = $1', [storeId]);
    // More than are read at a time.
    await from.db.query(
      `insert into store_events (store_id, event_type, message, severity)
       select 'store-shop0001', 'told', 'Number ' || n, 'info' from generate_series(1, 1200) n`,
    );
    const taken = await readAll(from.db);
    await to.db.transaction(async (sql) => {
      const tables = await openTablesForRows(sql);
      for (const [table, rows] of taken.all) await tables.insert(table, rows);
      for (const sequence of taken.sequences) await tables.continueSequence(sequence);
    });
    expect(await readAll(to.db)).toEqual(taken);
    const last = taken.sequences.find(({ name }) => name === 'stores_id_seq')?.last ?? 0;
    const next = await insertSampleStore(to.db);
    expect(await to.db.query('select id from stores where store_id = $1', [next])).toEqual([
      { id: last + 1 },
    ]);
  });
});
