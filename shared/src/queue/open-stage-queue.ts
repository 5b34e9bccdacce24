import { createPostgresBackend, createRedisBackend, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import { ConfigError } from '../config/config-error.ts';
import type { Logger } from '../log/logger.ts';
import { createBullStageQueue, jobDefaults, queueName, type BullBackend } from './bull-stage-queue.ts';
import type { StageQueue } from './stage-queue.ts';

export interface StageQueueOptions {
  /** Unset: BullMQ's PostgreSQL backend, in a schema of its own. */
  redisUrl: string | undefined;
  databaseUrl: string;
  logger: Logger;
}

/** @throws ConfigError when a Redis is set up so that it may lose jobs. */
export const openStageQueue = async ({
  redisUrl,
  databaseUrl,
  logger,
}: StageQueueOptions): Promise<StageQueue> => {
  if (!redisUrl) {
    const backend = postgresBackend(databaseUrl);
    // A cut while BullMQ still looks at its schema would end the process.
    await backend.queue.waitUntilReady();
    return createBullStageQueue(backend, logger);
  }
  const { backend, connections } = redisBackend(redisUrl, logger);
  const queue = createBullStageQueue(backend, logger);
  await refuseForgetfulRedis(connections.producer, logger);
  return {
    ...queue,
    close: async () => {
      await queue.close();
      connections.producer.disconnect();
      connections.consumer?.disconnect();
    },
  };
};

/** Connections per queue and per worker; BullMQ's default of 10 would reach PostgreSQL's limit. */
const poolSize = 3;

const postgresBackend = (databaseUrl: string): BullBackend => {
  const bull = withBackend(createPostgresBackend);
  const connection = {
    connectionString: databaseUrl,
    schema: 'bullmq',
    migrate: true,
    max: poolSize,
    connectionTimeoutMillis: 1500,
  };
  return {
    queue: new bull.Queue(queueName, { connection, ...jobDefaults }),
    createWorker: (process, options) => new bull.Worker(queueName, process, { ...options, connection }),
  };
};

const redisBackend = (redisUrl: string, logger: Logger) => {
  const bull = withBackend(createRedisBackend);
  const connect = (options: { enableOfflineQueue: boolean; maxRetriesPerRequest: number | null }) => {
    const redis = new Redis(redisUrl, { ...options, connectTimeout: 1500, lazyConnect: false });
    redis.on('error', (error: Error) => logger.debug({ err: error }, 'Redis reports an error'));
    return redis;
  };
  // A producer fails at once, so that a create is never held up; a worker waits for Redis as long as it takes.
  const connections: { producer: Redis; consumer?: Redis } = {
    producer: connect({ enableOfflineQueue: false, maxRetriesPerRequest: 1 }),
  };
  const backend: BullBackend = {
    queue: new bull.Queue(queueName, { connection: connections.producer, ...jobDefaults }),
    createWorker: (process, options) => {
      connections.consumer = connect({ enableOfflineQueue: true, maxRetriesPerRequest: null });
      return new bull.Worker(queueName, process, { ...options, connection: connections.consumer });
    },
  };
  return { backend, connections };
};

const answerMs = 1500;

/** A Redis that evicts keys would lose jobs one by one; one without AOF loses all at a restart, which the rows survive. */
const refuseForgetfulRedis = async (redis: Redis, logger: Logger): Promise<void> => {
  const settings = await readSettings(redis);
  if (!settings) {
    logger.warn('Redis does not answer; stages start when it is back');
    return;
  }
  const { policy, appendOnly } = settings;
  if (policy && policy !== 'noeviction') {
    throw new ConfigError([
      `REDIS_URL names a Redis with maxmemory-policy "${policy}": it must be "noeviction"`,
    ]);
  }
  if (appendOnly === 'no') {
    logger.warn('This Redis keeps no append-only file: after its restart the jobs are rebuilt from the rows');
  }
};

const readSettings = async (redis: Redis): Promise<{ policy?: string; appendOnly?: string } | undefined> => {
  try {
    await once(redis);
    const read = async (name: string) => ((await redis.config('GET', name)) as unknown[])[1];
    return { policy: String(await read('maxmemory-policy')), appendOnly: String(await read('appendonly')) };
  } catch (error) {
    // Managed Redis often forbids CONFIG: then there's nothing to know.
    return error instanceof Error && /unknown command|NOPERM|ERR/.test(error.message) ? {} : undefined;
  }
};

const once = (redis: Redis): Promise<void> =>
  new Promise((resolve, reject) => {
    if (redis.status === 'ready') return resolve();
    const timer = setTimeout(() => reject(new Error('Redis does not answer')), answerMs);
    redis.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
