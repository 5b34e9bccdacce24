import pg from 'pg';
import { z } from 'zod';
import type { Database, Row, Sql } from './database.ts';
import { schemaVersion } from './migrate.ts';

/** All tables as of one moment, however long the reading takes. The queue's own schema is not among them. */
export interface TableSnapshot {
  readonly schema: number;
  /** A table comes after those that it refers to. */
  readonly tables: readonly string[];
  rowsOf(table: string): AsyncGenerator<readonly Row[]>;
  /** The last number that each of them gave out. */
  sequences(): Promise<readonly Sequence[]>;
}

export interface Sequence {
  readonly name: string;
  readonly last: number;
}

const rowsAtATime = 500;
const Names = z.array(z.object({ name: z.string() }));
const Sequences = z.array(z.object({ name: z.string(), last: z.number().int() }));
const JsonRows = z.array(z.object({ row: z.record(z.string(), z.unknown()) }));

/** Keeps nobody from writing meanwhile. */
export const readSnapshot = <T>(db: Database, work: (snapshot: TableSnapshot) => Promise<T>): Promise<T> =>
  db.transaction(async (sql) => {
    await sql.query('set transaction isolation level repeatable read, read only');
    const schema = await schemaVersion(sql);
    const tables = await tablesOf(sql);
    return work({
      schema,
      tables,
      rowsOf: (table) => rowsOf(sql, table),
      sequences: async () =>
        Sequences.parse(
          await sql.query(
            "select sequencename as name, last_value as last from pg_sequences where schemaname = 'public' and last_value is not null",
          ),
        ),
    });
  });

/** A migration can only refer to tables that are there, so the order in which they were made will do. */
const tablesOf = async (sql: Sql): Promise<string[]> =>
  Names.parse(
    await sql.query(
      "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by oid",
    ),
  ).map(({ name }) => name);

const rowsOf = async function* (sql: Sql, table: string): AsyncGenerator<readonly Row[]> {
  const name = pg.escapeIdentifier(table);
  await sql.query(`declare reading no scroll cursor for select to_json(it) as row from ${name} it`);
  for (;;) {
    const rows = JsonRows.parse(await sql.query(`fetch ${rowsAtATime} from reading`));
    if (rows.length === 0) break;
    yield rows.map(({ row }) => row);
  }
  await sql.query('close reading');
};

/** Rows for a schema that has just been made; what its migrations put into it goes first. */
export const openTablesForRows = async (sql: Sql) => {
  const tables = await tablesOf(sql);
  await sql.query(`truncate ${tables.map((table) => pg.escapeIdentifier(table)).join(', ')}`);
  return {
    /** @throws PostgreSQL's own error for rows that don't fit. */
    insert: async (table: string, rows: readonly Row[]): Promise<void> => {
      const name = pg.escapeIdentifier(table);
      await sql.query(
        `insert into ${name} overriding system value select * from json_populate_recordset(null::${name}, $1)`,
        [JSON.stringify(rows)],
      );
    },
    continueSequence: ({ name, last }: Sequence): Promise<unknown> =>
      sql.query('select setval($1::regclass, $2)', [pg.escapeIdentifier(name), last]),
  };
};
