import type { Queue } from 'bullmq';
import type { StageJob } from '../contract/job.ts';

/** BullMQ behind one small interface. It delivers hints; the rows decide (`docs/decisions/001-rows-are-the-truth.md`). */
export interface StageQueue {
  /**
   * Idempotent by the job's id.
   * @throws PlatformError `queue_away`
   */
  add(job: StageJob): Promise<void>;
  /** @throws PlatformError `queue_away` */
  state(jobId: string): Promise<JobState>;
  /**
   * Starts to fetch jobs, up to `concurrency` at a time.
   * @throws PlatformError `queue_away` where the backend can't be waited for: the process should end and start anew.
   */
  consume(handler: JobHandler, options: ConsumeOptions): Promise<StageConsumer>;
  /**
   * Whether it answers, and whether somebody paused it on the queue board: then it delivers nothing.
   * @throws PlatformError `queue_away`
   */
  check(): Promise<{ isPaused: boolean }>;
  /** BullMQ's own queue, for the queue board alone. */
  readonly board: Queue;
  close(): Promise<void>;
}

export type JobState = 'missing' | 'waiting' | 'active' | 'failed' | 'completed';

/**
 * Throws `StageFailure` for a stage that failed: the job then shows as failed and isn't delivered again. Anything else
 * that it throws is a fault of delivery, and the job is delivered again.
 */
export type JobHandler = (job: DeliveredJob) => Promise<void>;

export interface DeliveredJob {
  readonly id: string;
  readonly job: StageJob;
  /** How often a delivery of this job ended in a failure. */
  readonly attemptsMade: number;
  /**
   * A line for people who look at the job on the queue board. Never throws and never waits for the queue: the line is
   * lost where the job is, or while the queue is away.
   */
  log(line: string): Promise<void>;
}

export interface ConsumeOptions {
  concurrency: number;
  /** The consumer can't go on: the process should end and start anew. */
  onBroken(error: Error): void;
}

export interface StageConsumer {
  /** Stops to fetch, waits for the handlers that run, and closes, also while the queue is away. */
  drain(): Promise<void>;
}

export class StageFailure extends Error {
  override readonly name = 'StageFailure';
}
