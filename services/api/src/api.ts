import { createServer, type Server } from 'node:http';
import type { ApiConfig } from '@store-platform/shared/config/api-config';
import { openDatabase } from '@store-platform/shared/db/database';
import { migrate } from '@store-platform/shared/db/migrate';
import type { Logger } from '@store-platform/shared/log/logger';
import { openStageQueue } from '@store-platform/shared/queue/open-stage-queue';
import { createSessionKeeper } from './access/sessions.ts';
import { createApp } from './app.ts';
import { createSender } from './stores/send-soon.ts';
import { createTurns } from './stores/take-turns.ts';

export interface Api {
  readonly port: number;
  /** Stops to listen, answers what was asked, and closes. */
  stop(): Promise<void>;
}

const connections = 8;
/** For a connection, and again for an answer: a caller hears of an absent database within two seconds. */
const patienceMs = 900;
const migrationPatienceMs = 60_000;
/** How long requests that are under way may take when the API stops: every answer comes sooner, dead visitors never. */
const drainMs = 5000;

export const startApi = async ({ config, logger }: { config: ApiConfig; logger: Logger }): Promise<Api> => {
  const url = config.databaseUrl;
  await migrateFirst(url, logger);
  const db = openDatabase({
    url,
    max: connections,
    applicationName: 'store-platform-api',
    patienceMs,
    logger,
  });
  const queue = await openStageQueue({ ...config, logger });
  const sender = createSender({ db, queue, logger });
  const sessions = config.apiToken === undefined ? undefined : createSessionKeeper(config.apiToken);
  const app = createApp({ config, db, queue, sender, turns: createTurns(), sessions, logger });
  const server = createServer(app);
  const close = async () => {
    await sender.settled();
    await queue.close();
    await db.close();
  };
  const port = await listen(server, config).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    port,
    stop: async () => {
      await drain(server);
      await close();
    },
  };
};

/** @throws Error `EADDRINUSE` when the port is taken */
const listen = async (server: Server, { port, host }: ApiConfig): Promise<number> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
};

const drain = async (server: Server): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(timer);
};

const migrateFirst = async (url: string, logger: Logger): Promise<void> => {
  const db = openDatabase({
    url,
    max: 1,
    applicationName: 'store-platform-migrate',
    patienceMs: migrationPatienceMs,
    logger,
  });
  try {
    await migrate(db);
  } finally {
    await db.close();
  }
};
