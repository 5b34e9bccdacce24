import type { Logger } from '../log/logger.ts';
import { cleanText } from '../text/clean-text.ts';
import { inTime } from './in-time.ts';

export interface BoardLines {
  /** Takes a line and doesn't wait for it to be written. */
  add(line: string): void;
  /** Ends when what was added is written or lost, and after `patienceMs` at the latest. Never throws. */
  settled(patienceMs: number): Promise<void>;
}

/**
 * What a job says to people on the queue board. A queue that is away, or that lost the job, holds no stage up: the line
 * is lost. One line at a time, because BullMQ's PostgreSQL backend numbers a job's lines by what is there already, and
 * refuses the second of two that come at once (`job_log_pkey`).
 */
export const createBoardLines = (write: (line: string) => Promise<unknown>, logger: Logger): BoardLines => {
  let written: Promise<void> = Promise.resolve();

  const writeOne = async (line: string): Promise<void> => {
    try {
      await write(cleanText(line, Number.POSITIVE_INFINITY));
    } catch (error) {
      logger.debug({ err: error }, 'A line for the queue board is lost');
    }
  };

  return {
    add: (line) => {
      written = written.then(() => writeOne(line));
    },
    settled: (patienceMs) => inTime(written, patienceMs).catch(() => undefined),
  };
};
