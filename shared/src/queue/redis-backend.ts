import { createRedisBackend, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import { problems } from '../contract/problem.ts';
import type { Logger } from '../log/logger.ts';
import { jobDefaults, queueName, type BullBackend } from './bull-stage-queue.ts';
import { createFaultLog } from './fault-log.ts';

const connectMs = 1500;

/** BullMQ on Redis. `producer` is the connection of the queue, for whoever wants to know more of that Redis. */
export const redisBackend = (redisUrl: string, logger: Logger): { backend: BullBackend; producer: Redis } => {
  const bull = withBackend(createRedisBackend);
  const log = createFaultLog(logger, 'Redis reports an error');
  const connect = (options: { enableOfflineQueue: boolean; maxRetriesPerRequest: number | null }): Redis => {
    const redis = new Redis(redisUrl, { ...options, connectTimeout: connectMs });
    redis.on('error', log);
    return redis;
  };
  // A producer fails at once, so that a create is never held up; a worker waits for Redis as long as it takes.
  const producer = connect({ enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  const ofWorkers: Redis[] = [];
  const connectWorker = (): Redis => {
    const redis = connect({ enableOfflineQueue: true, maxRetriesPerRequest: null });
    const duplicate = redis.duplicate.bind(redis);
    // BullMQ makes a second connection of it, on which it waits for jobs, and keeps that to itself.
    redis.duplicate = (options) => {
      const second = duplicate(options);
      second.on('error', log);
      ofWorkers.push(second);
      return second;
    };
    ofWorkers.push(redis);
    return redis;
  };
  const backend: BullBackend = {
    queue: new bull.Queue(queueName, { connection: producer, ...jobDefaults }),
    createWorker: (process, options) =>
      new bull.Worker(queueName, process, { ...options, connection: connectWorker() }),
    workersWait: true,
    hint: problems.queue_away.hint,
    onFault: () => undefined,
    abandonWorkers: () => {
      for (const redis of ofWorkers.splice(0)) redis.disconnect();
    },
    abandonQueue: () => producer.disconnect(),
  };
  return { backend, producer };
};
