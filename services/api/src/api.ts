import { createServer } from 'node:http';
import type { ApiConfig } from '@store-platform/shared/config/api-config';
import { openDatabase } from '@store-platform/shared/db/database';
import { migrate } from '@store-platform/shared/db/migrate';
import type { Logger } from '@store-platform/shared/log/logger';
import { openStageQueue } from '@store-platform/shared/queue/open-stage-queue';
import { createSessionKeeper } from './access/sessions.ts';
import { createApp } from './app.ts';

export interface Api {
  readonly port: number;
  /** Stops to listen, answers what was asked, and closes. */
  stop(): Promise<void>;
}

const connections = 8;
/** For a connection, and again for an answer: a caller hears of an absent database within two seconds. */
const patienceMs = 900;
const migrationPatienceMs = 60_000;

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
  const sessions = config.apiToken === undefined ? undefined : createSessionKeeper(config.apiToken);
  const server = createServer(createApp({ config, db, queue, sessions, logger }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : config.port,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
      await queue.close();
      await db.close();
    },
  };
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
