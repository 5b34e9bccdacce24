import type { Readiness } from '@store-platform/shared/contract/api';
import { isMigrated } from '@store-platform/shared/db/migrate';
import { countLiveWorkers } from '@store-platform/shared/db/workers';
import type { Answer, ApiDeps } from './route.ts';

type Missing = Readiness['missing'][number];

/** Whether a store that is created now would be made now, and if not, what is missing. */
export const handleReady = async (deps: ApiDeps): Promise<Answer> => {
  const missing = (await Promise.all([checkDatabase(deps), checkQueue(deps)])).flat();
  const body: Readiness = { status: missing.length === 0 ? 'ready' : 'not ready', missing };
  return missing.length === 0
    ? { status: 200, body }
    : { status: 503, body, headers: { 'Retry-After': '2' } };
};

const checkDatabase = async ({ db }: ApiDeps): Promise<Missing[]> => {
  try {
    if (!(await isMigrated(db)))
      return [{ part: 'migrations', reason: "The database's schema is not this release's." }];
    const workers = await countLiveWorkers(db);
    return workers > 0 ? [] : [{ part: 'worker', reason: 'No worker is alive; stores wait until one is.' }];
  } catch {
    return [{ part: 'database', reason: 'PostgreSQL does not answer.' }];
  }
};

const checkQueue = ({ queue }: ApiDeps): Promise<Missing[]> =>
  queue.check().then(
    () => [],
    () => [{ part: 'queue', reason: 'The queue does not answer; stores start when it is back.' }],
  );
