import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject, onTestFinished, type TestContext } from 'vitest';
import { openDatabase, type Database } from '../db/database.ts';
import { silentLogger } from './silent-logger.ts';

export interface TestDatabase {
  readonly url: string;
  readonly db: Database;
  /** Ends every connection to it, then drops it. */
  drop(): Promise<void>;
}

/** A database of one's own, cloned from the migrated template, which outside of Vitest is to be named. */
export const createTestDatabase = async (templateUrl = inject('templateUrl')): Promise<TestDatabase> => {
  const template = new URL(templateUrl);
  const name = `test_${randomBytes(6).toString('hex')}`;
  // Quicker for a small template than to write it to the log, which nobody reads here.
  await asAdmin(template, `create database ${name} template template strategy file_copy`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  const db = openDatabase({
    url: url.href,
    max: 10,
    applicationName: 'test',
    patienceMs: 5000,
    logger: silentLogger,
  });
  return {
    url: url.href,
    db,
    drop: async () => {
      await db.close();
      await asAdmin(template, `drop database ${name} with (force)`);
    },
  };
};

/** As `createTestDatabase`, dropped when the test that asks for it ends. Tests that run side by side give their context. */
export const useTestDatabase = async (
  context: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<TestDatabase> => {
  const database = await createTestDatabase();
  context.onTestFinished(() => database.drop());
  return database;
};

/** PostgreSQL clones a template only while nobody else does. */
const busy = '55006';
const cloningLock = 7_340_099;

const asAdmin = async (template: URL, statement: string): Promise<void> => {
  const admin = new URL(template);
  admin.pathname = '/postgres';
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [cloningLock]);
    await client.query(statement);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === busy)
      throw new Error('The template is in use', { cause: error });
    throw error;
  } finally {
    await client.end();
  }
};
