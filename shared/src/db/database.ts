import pg from 'pg';
import type { Logger } from '../log/logger.ts';
import { PlatformError } from '../contract/problem.ts';

/** Something that takes SQL: the database itself, or a transaction in it. */
export interface Sql {
  /** @throws PlatformError `database_away` when PostgreSQL doesn't answer; PostgreSQL's own error otherwise. */
  query(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Database extends Sql {
  /** Commits what `work` did, or rolls all of it back when it throws. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** As PostgreSQL sent it: every reader parses it with a schema before use. */
export type Row = Record<string, unknown>;

export interface DatabaseOptions {
  url: string;
  /** Connections; the arithmetic for all processes together is in `embedded-postgres.ts`. */
  max: number;
  applicationName: string;
  /** How long to wait for a connection, and again for an answer, in milliseconds. */
  patienceMs: number;
  logger: Logger;
}

export const openDatabase = ({
  url,
  max,
  applicationName,
  patienceMs,
  logger,
}: DatabaseOptions): Database => {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: applicationName,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    types,
  });
  // A connection that is cut ends the process when nobody listens: idle ones tell the pool, busy ones themselves.
  pool.on('connect', (client) =>
    client.on('error', (error) => logger.debug({ err: error }, 'A connection was cut')),
  );
  pool.on('error', (error) => logger.warn({ err: error }, 'An idle database connection was lost'));
  return {
    query: (text, values) => run(pool, text, values),
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  };
};

const run = async (
  client: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> => {
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } catch (error) {
    throw asDatabaseError(error);
  }
};

const inTransaction = async <T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> => {
  const client = await pool.connect().catch((error: unknown) => {
    throw asDatabaseError(error);
  });
  try {
    await run(client, 'begin');
    const result = await work({ query: (text, values) => run(client, text, values) });
    await run(client, 'commit');
    client.release();
    return result;
  } catch (error) {
    client.release(isAway(error) || !(await rolledBack(client)));
    throw error;
  }
};

const isAway = (error: unknown): boolean => error instanceof PlatformError && error.code === 'database_away';

const rolledBack = (client: pg.PoolClient): Promise<boolean> =>
  run(client, 'rollback').then(
    () => true,
    () => false,
  );

// 08: connection exceptions · 57P: the server is stopping, starting or was told to end this session · 53300: no connection left.
const awayStates = /^(08|57P|53300)/;
const awayMessages =
  /terminat|timeout|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|closed|connection error/i;

const asDatabaseError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const fromServer = error instanceof pg.DatabaseError;
  const away = fromServer ? awayStates.test(code) : awayMessages.test(`${code} ${error.message}`);
  return away
    ? new PlatformError('database_away', 'PostgreSQL does not answer.', {
        cause: error,
        retryAfterSeconds: 2,
      })
    : error;
};

/** Counts and ids stay far below 2^53, so bigint may be a number. */
const parseBigint = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === parseBigint ? Number : pg.types.getTypeParser(oid, format ?? 'text'),
};
