import pg from 'pg';
import type { Logger } from '../log/logger.ts';

const leaderLock = 7_340_003;

export interface Leadership {
  /** Whether this process is the leader now. Tries to become it when it isn't. Never throws. */
  hold(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * A leader asks for its lock twice a second. One that is silent for so long hangs, or its machine is gone: PostgreSQL
 * ends its session, and another worker leads. As long as a worker's own lease.
 */
const usualSilenceMs = 8000;

/**
 * One leader by an advisory lock on a session of its own: when the process or its connection dies, PostgreSQL frees it.
 */
export const openLeadership = ({
  url,
  logger,
  silenceMs = usualSilenceMs,
}: {
  url: string;
  logger: Logger;
  silenceMs?: number;
}): Leadership => {
  let session: pg.Client | undefined;

  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'store-platform-leader',
      options: `-c idle_session_timeout=${silenceMs}`,
      connectionTimeoutMillis: 2000,
      query_timeout: 2000,
      keepAlive: true,
    });
    const forget = () => {
      if (session === client) session = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    await client.connect();
    return client;
  };

  const end = async () => {
    const client = session;
    session = undefined;
    await client
      ?.end()
      .catch((error: unknown) => logger.debug({ err: error }, 'The leader session was gone already'));
  };

  const hold = async (): Promise<boolean> => {
    try {
      session ??= await connect();
      // The lock is counted per session; asking whether it is held costs the same as asking for it.
      const { rows } = await session.query<{ held: boolean }>(
        `select exists (select 1 from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and objid::bigint = $1::bigint)
                or pg_try_advisory_lock($1::bigint) as held`,
        [leaderLock],
      );
      return rows[0]?.held === true;
    } catch (error) {
      logger.warn({ err: error }, 'Leadership cannot be had now');
      await end();
      return false;
    }
  };

  return { hold, release: end };
};
