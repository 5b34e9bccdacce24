import type { Readiness } from '@store-platform/shared/contract/api';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { isMigrated } from '@store-platform/shared/db/migrate';
import { countLiveWorkers } from '@store-platform/shared/db/workers';
import type { Answer, ApiDeps } from './route.ts';

/** A person's doing, and only a person ends it. */
const pausedQueue =
  'The queue is paused: no stage starts until somebody resumes it on the queue board, /admin/queues.';

type Missing = Readiness['missing'][number];

/** Why a store that is created now would wait. Never throws for what is away. */
export const findMissing = async ({ db, queue }: Pick<ApiDeps, 'db' | 'queue'>): Promise<Missing[]> =>
  (await Promise.all([checkDatabase(db), checkQueue(queue)])).flat();

/** Whether a store that is created now would be made now, and if not, what is missing. */
export const handleReady = async (deps: ApiDeps): Promise<Answer> => {
  const missing = await findMissing(deps);
  const body: Readiness = { status: missing.length === 0 ? 'ready' : 'not ready', missing };
  return missing.length === 0
    ? { status: 200, body }
    : { status: 503, body, headers: { 'Retry-After': '2' } };
};

const checkDatabase = async (db: ApiDeps['db']): Promise<Missing[]> => {
  try {
    if (!(await isMigrated(db)))
      return [{ part: 'migrations', reason: "The database's schema is not this release's." }];
    const workers = await countLiveWorkers(db);
    return workers > 0 ? [] : [{ part: 'worker', reason: 'No worker is alive; stores wait until one is.' }];
  } catch (error) {
    if (!isCode(error, 'database_away')) throw error;
    return [{ part: 'database', reason: 'PostgreSQL does not answer.' }];
  }
};

const checkQueue = async (queue: ApiDeps['queue']): Promise<Missing[]> => {
  try {
    const { isPaused } = await queue.check();
    return isPaused ? [{ part: 'queue', reason: pausedQueue }] : [];
  } catch (error) {
    if (!isCode(error, 'queue_away')) throw error;
    return [{ part: 'queue', reason: 'The queue does not answer; stores start when it is back.' }];
  }
};

const isCode = (error: unknown, code: PlatformError['code']): boolean =>
  error instanceof PlatformError && error.code === code;
