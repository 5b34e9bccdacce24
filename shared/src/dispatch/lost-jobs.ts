import { stageJobId, type StageJob } from '../contract/job.ts';
import { PlatformError } from '../contract/problem.ts';
import type { Sql } from '../db/database.ts';
import { listUnclaimed, redispatch } from '../db/stage-runs.ts';
import type { Logger } from '../log/logger.ts';
import type { StageQueue } from '../queue/stage-queue.ts';

export interface LostJobsDeps {
  db: Sql;
  queue: Pick<StageQueue, 'state'>;
  logger: Logger;
}

const batch = 100;

/**
 * Finds sent runs that nobody claimed because the queue no longer has their job, has finished it, or keeps it active
 * for a worker that is gone, and makes them unsent again. Age alone never resends: behind a backlog that would multiply
 * the jobs.
 * @returns a sweep; `olderThanMs` is how long a job may lie unclaimed before the queue is asked about it. While the queue
 * or the database is away, nothing is known and nothing is sent again.
 */
export const createLostJobsSweep = ({ db, queue, logger }: LostJobsDeps) => {
  // A job that is active has claimed its run within milliseconds, or its worker died in between. Two sweeps tell.
  let activeBefore = new Set<string>();

  const look = async (olderThanMs: number): Promise<number> => {
    const jobs = await listUnclaimed(db, olderThanMs, batch);
    const seen = await Promise.all(
      jobs.map(async (job) => ({ job, id: stageJobId(job), state: await queue.state(stageJobId(job)) })),
    );
    const lost: StageJob[] = seen
      .filter(({ id, state }) => (state === 'active' ? activeBefore.has(id) : state !== 'waiting'))
      .map(({ job }) => job);
    activeBefore = new Set(seen.filter(({ state }) => state === 'active').map(({ id }) => id));
    if (lost.length > 0) {
      logger.warn({ jobs: lost.length }, 'The queue lost jobs; they are sent again');
      await redispatch(db, lost);
    }
    return lost.length;
  };

  return async (olderThanMs: number): Promise<number> => {
    try {
      return await look(olderThanMs);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      logger.debug({ code: error.code }, 'Lost jobs cannot be looked for now');
      return 0;
    }
  };
};
