import { Queue, UnrecoverableError, type Job, type QueueOptions, type WorkerOptions } from 'bullmq';
import { PlatformError } from '../contract/problem.ts';
import { StageJob, stageJobId } from '../contract/job.ts';
import { turnOf } from '../contract/stage.ts';
import type { Logger } from '../log/logger.ts';
import { createBoardLines } from './board-lines.ts';
import { createFaultLog } from './fault-log.ts';
import { inTime } from './in-time.ts';
import {
  StageFailure,
  type ConsumeOptions,
  type JobHandler,
  type JobState,
  type StageConsumer,
  type StageQueue,
} from './stage-queue.ts';

export const queueName = 'stages';

/** What both of BullMQ's backends have in common, as far as it is used here. */
export interface BullQueue {
  add(name: string, data: StageJob, options: { jobId: string; priority: number }): Promise<unknown>;
  getJobState(jobId: string): Promise<string>;
  isPaused(): Promise<boolean>;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}
export interface BullWorker {
  close(): Promise<void>;
  waitUntilReady(): Promise<unknown>;
  run(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}
export interface BullBackend {
  readonly queue: BullQueue;
  createWorker(
    process: (job: Job<unknown>) => Promise<void>,
    options: Omit<WorkerOptions, 'connection'>,
  ): BullWorker;
  /** Whether a worker that starts while the server is away waits for it. The other kind never recovers: it must not start. */
  readonly workersWait: boolean;
  /** What to do when it doesn't answer. */
  readonly hint: string;
  /** Looks at each error, e.g. to mend what it tells of. Never throws. */
  onFault(error: unknown): void;
  /** Lets go of the workers' connections without another word to the server. */
  abandonWorkers(): void;
  /** Likewise of those of the queue. */
  abandonQueue(): void;
}

/** For each queue, whatever its backend. Back-off is a due time in the row, so nothing here delays a job (rule 10). */
export const jobDefaults = {
  defaultJobOptions: {
    attempts: 5,
    removeOnComplete: { age: 24 * 3600, count: 5000 },
    removeOnFail: { age: 7 * 24 * 3600, count: 5000 },
  },
} satisfies Partial<QueueOptions>;

const workerDefaults = {
  // BullMQ's stall check moves jobs and decides nothing: recovery is the leader's, so the check may be slow and patient.
  lockDuration: 60_000,
  stalledInterval: 60_000,
  maxStalledCount: 20,
  // How soon a worker asks again after its server was away; BullMQ's own 15 s would keep stores waiting.
  runRetryDelay: 1000,
} satisfies Partial<WorkerOptions>;

/** People hear within two seconds that it is away. */
const patienceMs = 1200;

export const createBullStageQueue = (backend: BullBackend, logger: Logger): StageQueue => {
  const { queue } = backend;
  const log = createFaultLog(logger, 'The queue reports an error');
  queue.on('error', (error) => {
    log(error);
    backend.onFault(error);
  });
  const ask = <T>(answer: Promise<T>) => orAway(inTime(answer, patienceMs), backend);
  return {
    add: async (job) => {
      await ask(queue.add(job.stage, job, { jobId: stageJobId(job), priority: turnOf(job.stage) }));
    },
    state: async (jobId) => toJobState(await ask(queue.getJobState(jobId))),
    check: async () => ({ isPaused: await ask(queue.isPaused()) }),
    consume: (handler, options) => consume(backend, handler, options, logger),
    board: asQueue(queue),
    close: async () => {
      await leave(queue.close());
      backend.abandonQueue();
    },
  };
};

/** Both backends' queues are BullMQ's own class, under types of their own. */
const asQueue = (queue: BullQueue): Queue => {
  if (queue instanceof Queue) return queue;
  throw new Error('The queue board needs a queue of BullMQ');
};

const consume = async (
  backend: BullBackend,
  handler: JobHandler,
  options: ConsumeOptions,
  logger: Logger,
): Promise<StageConsumer> => {
  const running = new Set<Promise<void>>();
  const worker = backend.createWorker(
    (job) => {
      const delivery = deliver(job, handler, logger);
      running.add(delivery);
      return delivery.finally(() => running.delete(delivery));
    },
    { ...workerDefaults, concurrency: options.concurrency, autorun: false },
  );
  const log = createFaultLog(logger, 'The queue reports an error to this worker');
  worker.on('error', (error) => {
    log(error);
    backend.onFault(error);
  });
  if (!backend.workersWait) {
    await orAway(worker.waitUntilReady(), backend).catch(async (error: unknown) => {
      await leave(worker.close());
      throw error;
    });
  }
  worker.run().catch((error: unknown) => options.onBroken(toError(error)));
  return {
    drain: async () => {
      const closed = worker.close();
      do {
        await Promise.allSettled(running);
        await leave(closed);
      } while (running.size > 0);
      backend.abandonWorkers();
    },
  };
};

/** Ends a job as failed, for good. The board shows an error's stack, which would say where this program lies. */
const lastWord = (message: string): UnrecoverableError => {
  const error = new UnrecoverableError(message);
  error.stack = message;
  return error;
};

const deliver = async (job: Job<unknown>, handler: JobHandler, logger: Logger): Promise<void> => {
  const parsed = StageJob.safeParse(job.data);
  if (!parsed.success) throw lastWord('This job is none of ours: its data is not a stage run.');
  const lines = createBoardLines((line) => job.log(line), logger);
  try {
    await handler({
      id: job.id ?? '',
      job: parsed.data,
      attemptsMade: job.attemptsMade,
      log: async (line) => lines.add(line),
    });
  } catch (error) {
    throw error instanceof StageFailure ? lastWord(error.message) : error;
  } finally {
    await lines.settled(patienceMs);
  }
};

const toJobState = (state: string): JobState => {
  if (state === 'active' || state === 'failed' || state === 'completed') return state;
  return state === 'unknown' ? 'missing' : 'waiting';
};

/** Whatever the backend answers with, or doesn't, callers see one error. */
export const orAway = async <T>(answer: Promise<T>, backend: BullBackend): Promise<T> => {
  try {
    return await answer;
  } catch (error) {
    backend.onFault(error);
    throw new PlatformError('queue_away', 'The queue does not answer.', {
      cause: error,
      hint: backend.hint,
      retryAfterSeconds: 2,
    });
  }
};

/** A server that is away must not keep a process that leaves: the rows know what it held. */
const leave = (closing: Promise<void>): Promise<void> => inTime(closing, patienceMs).catch(() => undefined);

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
