import { until } from '../../testing/until.ts';
import type { BullBackend } from '../bull-stage-queue.ts';

/** Milliseconds: a lock that nobody renews, and how often somebody looks for those. */
const quickly = { lockDuration: 50, stalledInterval: 50, maxStalledCount: 5, concurrency: 1 };

/**
 * Delivers the job that waits to a worker that never ends it and renews no lock, as one that was killed, then to another.
 * @returns `attemptsMade` of both deliveries
 */
export const deliverTwice = async (backend: BullBackend): Promise<number[]> => {
  const attempts: number[] = [];
  let endFirst = () => {};
  const dead = backend.createWorker(
    (job) => {
      attempts.push(job.attemptsMade);
      return new Promise((resolve) => (endFirst = resolve));
    },
    { ...quickly, autorun: false, skipLockRenewal: true, skipStalledCheck: true },
  );
  dead.on('error', () => undefined);
  void dead.run();
  await until('it was delivered', () => attempts.length > 0);
  const next = backend.createWorker(async (job) => void attempts.push(job.attemptsMade), {
    ...quickly,
    autorun: false,
  });
  void next.run();
  await until('it was delivered again', () => attempts.length > 1);
  endFirst();
  await Promise.all([dead.close(), next.close()]);
  backend.abandonWorkers();
  await backend.queue.close();
  backend.abandonQueue();
  return attempts;
};
