import type { Readiness } from '@store-platform/shared/contract/api';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { isMigrated } from '@store-platform/shared/db/migrate';
import { countLiveWorkers } from '@store-platform/shared/db/workers';
import type { Answer, ApiDeps } from './route.ts';

type Missing = Readiness['missing'][number];

/** Whether a store that is created now would be made now, and if not, what is missing. */
export const handleReady = async ({ db, queue }: ApiDeps): Promise<Answer> => {
  const missing = (await Promise.all([checkDatabase(db), checkQueue(queue)])).flat();
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
    await queue.check();
    return [];
  } catch (error) {
    if (!isCode(error, 'queue_away')) throw error;
    return [{ part: 'queue', reason: 'The queue does not answer; stores start when it is back.' }];
  }
};

const isCode = (error: unknown, code: PlatformError['code']): boolean =>
  error instanceof PlatformError && error.code === code;
