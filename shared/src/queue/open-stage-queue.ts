import type { Logger } from '../log/logger.ts';
import { createBullStageQueue, orAway } from './bull-stage-queue.ts';
import { refuseForgetfulRedis } from './forgetful-redis.ts';
import { postgresBackend } from './postgres-backend.ts';
import { redisBackend } from './redis-backend.ts';
import type { StageQueue } from './stage-queue.ts';

export interface StageQueueOptions {
  /** Unset: BullMQ's PostgreSQL backend, in a schema of its own. */
  redisUrl: string | undefined;
  databaseUrl: string;
  logger: Logger;
}

/**
 * A Redis that is away is waited for; stages start when it is back.
 * @throws ConfigError when a Redis is set up so that it may lose jobs; PlatformError `queue_away` when the queue is to
 * live in a PostgreSQL that doesn't answer.
 */
export const openStageQueue = ({ redisUrl, ...options }: StageQueueOptions): Promise<StageQueue> =>
  redisUrl ? openOnRedis(redisUrl, options.logger) : openOnPostgres(options);

const openOnPostgres = async ({
  databaseUrl,
  logger,
}: Omit<StageQueueOptions, 'redisUrl'>): Promise<StageQueue> => {
  const backend = postgresBackend(databaseUrl, logger);
  const queue = createBullStageQueue(backend, logger);
  // A cut while BullMQ still looks at its schema would end the process.
  return orClose(orAway(backend.queue.waitUntilReady(), backend), queue);
};

const openOnRedis = async (redisUrl: string, logger: Logger): Promise<StageQueue> => {
  const { backend, producer } = redisBackend(redisUrl, logger);
  const queue = createBullStageQueue(backend, logger);
  return orClose(refuseForgetfulRedis(producer, logger), queue);
};

const orClose = async (ready: Promise<unknown>, queue: StageQueue): Promise<StageQueue> => {
  try {
    await ready;
    return queue;
  } catch (error) {
    await queue.close();
    throw error;
  }
};
