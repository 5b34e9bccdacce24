import { PlatformError } from '@store-platform/shared/contract/problem';

export interface Turns {
  /**
   * Does the work when all that came before is done.
   * @throws PlatformError `too_many_requests` when too many wait already
   */
  take<T>(work: () => Promise<T>): Promise<T>;
}

/** About ten seconds' worth: who comes later would give up before his turn. */
const longest = 1000;

/**
 * Whatever counts active stores does so under one lock of the database. Who waits for it waits here, not on a
 * connection: thirty creates at once would hold them all, and whoever only reads would hear that the database is away.
 * When it is away, all that wait hear so with the one that found out.
 */
export const createTurns = (): Turns => {
  const waiting = new Set<(error: unknown) => void>();
  let last: Promise<void> = Promise.resolve();
  const refuseAll = (error: unknown) => {
    for (const refuse of waiting) refuse(error);
    waiting.clear();
  };
  return {
    take: (work) =>
      new Promise((resolve, reject) => {
        if (waiting.size >= longest) return reject(tooMany());
        waiting.add(reject);
        last = last.then(async () => {
          if (!waiting.delete(reject)) return;
          try {
            resolve(await work());
          } catch (error) {
            reject(error);
            if (error instanceof PlatformError && error.code === 'database_away') refuseAll(error);
          }
        });
      }),
  };
};

const tooMany = () =>
  new PlatformError('too_many_requests', 'Too many stores are being created at the same moment.', {
    retryAfterSeconds: 5,
  });
