import { Queue, UnrecoverableError, type Job, type QueueOptions, type WorkerOptions } from 'bullmq';
import { PlatformError } from '../contract/problem.ts';
import { StageJob, stageJobId } from '../contract/job.ts';
import type { Logger } from '../log/logger.ts';
import {
  StageFailure,
  type ConsumeOptions,
  type JobHandler,
  type JobState,
  type StageQueue,
} from './stage-queue.ts';

export const queueName = 'stages';

/** What both of BullMQ's backends have in common, as far as it is used here. */
export interface BullQueue {
  add(name: string, data: StageJob, options: { jobId: string }): Promise<unknown>;
  getJobState(jobId: string): Promise<string>;
  getJobCounts(): Promise<unknown>;
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
  queue: BullQueue;
  createWorker(
    process: (job: Job<unknown>) => Promise<void>,
    options: Omit<WorkerOptions, 'connection'>,
  ): BullWorker;
}

/** For each queue, whatever its backend. Back-off is a due time in the row, so nothing here delays a job (rule 10). */
export const jobDefaults = {
  defaultJobOptions: {
    attempts: 5,
    removeOnComplete: { age: 24 * 3600, count: 5000 },
    removeOnFail: { age: 7 * 24 * 3600, count: 5000 },
  },
} satisfies Partial<QueueOptions>;

/** BullMQ's stall check moves jobs and decides nothing: recovery is the leader's, so the check may be slow and patient. */
const stallCheck = { lockDuration: 60_000, stalledInterval: 60_000, maxStalledCount: 20 };

const patienceMs = 1500;

export const createBullStageQueue = (backend: BullBackend, logger: Logger): StageQueue => {
  const { queue } = backend;
  queue.on('error', (error) => logger.warn({ err: error }, 'The queue reports an error'));
  return {
    add: async (job) => {
      await inTime(queue.add(job.stage, job, { jobId: stageJobId(job) }));
    },
    state: async (jobId) => toJobState(await inTime(queue.getJobState(jobId))),
    check: async () => {
      await inTime(queue.getJobCounts());
    },
    consume: (handler, options) => consume(backend, handler, options, logger),
    board: asQueue(queue),
    close: () => queue.close(),
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
) => {
  const worker = backend.createWorker((job) => deliver(job, handler, logger), {
    ...stallCheck,
    concurrency: options.concurrency,
    autorun: false,
  });
  worker.on('error', (error) => logger.warn({ err: error }, 'The queue reports an error to this worker'));
  await worker.waitUntilReady();
  worker.run().catch((error: unknown) => options.onBroken(toError(error)));
  return { drain: () => worker.close() };
};

const deliver = async (job: Job<unknown>, handler: JobHandler, logger: Logger): Promise<void> => {
  const parsed = StageJob.safeParse(job.data);
  if (!parsed.success) throw new UnrecoverableError('This job is none of ours: its data is not a stage run.');
  try {
    await handler({
      id: job.id ?? '',
      job: parsed.data,
      attemptsMade: job.attemptsMade,
      log: async (line) => {
        try {
          await job.log(line.replaceAll('\0', '').toWellFormed());
        } catch (error) {
          // A queue that lost the job, or is away, has no say in how the stage ends.
          logger.debug({ err: error, job: job.id }, 'A line for the queue board is lost');
        }
      },
    });
  } catch (error) {
    throw error instanceof StageFailure ? new UnrecoverableError(error.message) : error;
  }
};

const toJobState = (state: string): JobState => {
  if (state === 'active' || state === 'failed' || state === 'completed') return state;
  return state === 'unknown' ? 'missing' : 'waiting';
};

/** Whatever the backend answers with, or doesn't, callers see one error within 1.5 s. */
const inTime = async <T>(answer: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), patienceMs);
  });
  try {
    return await Promise.race([answer, late]);
  } catch (error) {
    throw new PlatformError('queue_away', 'The queue does not answer.', {
      cause: error,
      retryAfterSeconds: 2,
    });
  } finally {
    clearTimeout(timer);
  }
};

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
