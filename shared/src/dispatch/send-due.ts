import { PlatformError } from '../contract/problem.ts';
import type { StageJob } from '../contract/job.ts';
import type { Sql } from '../db/database.ts';
import { listUnsent, markSent } from '../db/stage-runs.ts';
import type { Logger } from '../log/logger.ts';
import type { StageQueue } from '../queue/stage-queue.ts';

export interface DispatchDeps {
  db: Sql;
  queue: Pick<StageQueue, 'add'>;
  logger: Logger;
}

const batch = 100;

/**
 * Sends stage runs that are due and unsent: those of one store right after a commit, or all in the leader's sweep.
 * Two senders at once do no harm, because a job's id holds its dispatch number and a queue takes an id only once.
 * @returns how many jobs the queue acknowledged. Never throws for a queue or a database that is away: the rows stay
 * unsent, and the next sweep sends them.
 */
export const sendDue = async ({ db, queue, logger }: DispatchDeps, storeId?: string): Promise<number> => {
  try {
    const jobs = await listUnsent(db, batch, storeId);
    if (jobs.length === 0) return 0;
    const sent = await addAll(queue, jobs, logger);
    await markSent(db, sent);
    return sent.length;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    logger.warn({ code: error.code, storeId }, 'Due stages stay unsent for now');
    return 0;
  }
};

const addAll = async (
  queue: DispatchDeps['queue'],
  jobs: readonly StageJob[],
  logger: Logger,
): Promise<StageJob[]> => {
  const results = await Promise.allSettled(jobs.map((job) => queue.add(job)));
  const refused = results.filter((result) => result.status === 'rejected');
  const [first] = refused;
  if (first) {
    const why: unknown = first.reason;
    // A queue that is away says itself, in detail, what is wrong; this comes again with each sweep.
    const detail = why instanceof PlatformError ? { code: why.code } : { err: why };
    logger.warn({ ...detail, jobs: refused.length }, 'The queue did not take jobs; they are sent again');
  }
  return jobs.filter((_, index) => results[index]?.status === 'fulfilled');
};
