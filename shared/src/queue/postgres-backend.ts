import { createPostgresBackend, withBackend } from 'bullmq';
import { z } from 'zod';
import { problems } from '../contract/problem.ts';
import type { Logger } from '../log/logger.ts';
import { jobDefaults, queueName, type BullBackend } from './bull-stage-queue.ts';

/** Connections per queue and per worker; BullMQ's default of 10 would reach PostgreSQL's limit. */
const poolSize = 3;

// A schema, a table or a function that isn't there.
const LostSchema = z.object({ code: z.enum(['3F000', '42P01', '42883']) });

/** BullMQ on the platform's own PostgreSQL, in a schema of its own. */
export const postgresBackend = (databaseUrl: string, logger: Logger): BullBackend => {
  const bull = withBackend(createPostgresBackend);
  const connection = {
    connectionString: databaseUrl,
    schema: 'bullmq',
    migrate: true,
    max: poolSize,
    connectionTimeoutMillis: 1500,
    // A connection that died without a word would hold its query for ever. Creating the schema takes the longest, a second.
    query_timeout: 10_000,
    keepAlive: true,
  };
  let making: Promise<void> | undefined;

  /** A queue that is opened makes its schema. */
  const makeSchema = async () => {
    logger.warn("The queue's schema is gone; it is made anew, and the jobs are rebuilt from the rows");
    const maker = new bull.Queue(queueName, { connection });
    maker.on('error', (error) => logger.debug({ err: error }, 'The queue reports an error'));
    try {
      await maker.waitUntilReady();
    } catch (error) {
      logger.warn({ err: error }, "The queue's schema can't be made now");
    } finally {
      await maker.close();
      making = undefined;
    }
  };

  return {
    queue: new bull.Queue(queueName, { connection, ...jobDefaults }),
    createWorker: (process, options) => new bull.Worker(queueName, process, { ...options, connection }),
    workersWait: false,
    hint: problems.database_away.hint,
    onFault: (error) => {
      if (!LostSchema.safeParse(error).success) return;
      making ??= makeSchema();
    },
    // Its sockets end with the process.
    abandonWorkers: () => undefined,
    abandonQueue: () => undefined,
  };
};
