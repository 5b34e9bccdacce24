import pg from 'pg';
import { ConfigError } from '../config/config-error.ts';
import { databaseUrlOf } from '../config/platform-config.ts';
import { parseSettings, type Environment } from '../config/settings.ts';

const patienceMs = 3000;

/**
 * Of the database that the environment names, also where other settings are at fault; naming none is no fault here.
 * Asked once, at the start, where a database that is away is a fault of the settings; later it is waited for.
 * @throws ConfigError that says what DATABASE_URL (or DB_HOST …) should be, without its password.
 */
export const reachNamedDatabase = async (environment: Environment): Promise<void> => {
  const databaseUrl = databaseUrlOf(parseSettings(environment).settings);
  if (databaseUrl !== undefined) await reachDatabase(databaseUrl);
};

const reachDatabase = async (databaseUrl: string): Promise<void> => {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
  });
  // It may be cut while it closes.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new ConfigError([describe(new URL(databaseUrl), error)]);
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** PostgreSQL's own codes: https://www.postgresql.org/docs/15/errcodes-appendix.html */
const describe = ({ host, pathname, username }: URL, error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const where = `DATABASE_URL names a PostgreSQL at ${host}`;
  if (code === '3D000')
    return `${where}, which has no database "${decodeURIComponent(pathname.slice(1))}": create it`;
  if (code.startsWith('28')) {
    return `${where}, which refuses the user "${decodeURIComponent(username)}" or the password`;
  }
  const why = error instanceof pg.DatabaseError ? error.message : code || 'no answer in time';
  return `${where}, which does not answer (${why}): check that it runs and that the address is right`;
};
