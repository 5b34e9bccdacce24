import { until } from '@store-platform/shared/testing/until';
import type { FaultBed } from '../fault-bed.ts';
import { follow, reporting, type FaultCase, type Grid } from '../fault-case.ts';
import { deleteAll } from '../follow-all.ts';
import { blameless, joinVerdicts } from '../oracle.ts';
import { withOwnPostgres } from '../with-own-postgres.ts';
import { layInPod, notReady } from './pod-troubles.ts';

/** Waiting is free: whoever waits holds nobody up. */
export const crowd: Grid = {
  name: 'crowd',
  title: 'Five hundred stores wait for a database that does not come up, and another one is created',
  promises: [1, 2, 8],
  cases: ({ crowd: stores }) => [overtaken(5 * stores)],
};

/** They wait until they are let go, however long a busy machine needs to bring them all there. */
const stageTimeoutMs = 900_000;
const patienceMs = 600_000;

const overtaken = (stores: number): FaultCase => ({
  name: `${stores} stores wait, and a new one becomes ready`,
  alone: true,
  run: async ({ bed: beside }) => {
    let waited = 0;
    const verdict = await reporting(() =>
      withOwnPostgres(beside, { settings: { stageTimeoutMs } }, async (ground) => {
        const { bed } = ground;
        const storeIds = Array.from({ length: stores }, () => bed.newStoreId());
        for (const storeId of storeIds) {
          layInPod(bed, storeId, { app: 'mysql', trouble: notReady, times: Number.POSITIVE_INFINITY });
          await bed.create(storeId);
        }
        const allWait = async () => (await countWaiting(bed, storeIds)) === stores;
        await until('all of them wait', allWait, { timeoutMs: patienceMs, everyMs: 300 });
        const newcomer = bed.newStoreId();
        await bed.create(newcomer);
        const overtook = await follow(ground, newcomer, 'ready');
        waited = await countWaiting(bed, storeIds);
        const different = waited === stores ? [] : [`only ${waited} of ${stores} still waited`];
        return joinVerdicts([overtook, { ...blameless, different }, await deleteAll(bed, storeIds)]);
      }),
    );
    return { injected: waited, verdict };
  },
});

const countWaiting = async ({ db }: FaultBed, storeIds: readonly string[]): Promise<number> => {
  const [row] = await db.query(
    `select count(*)::int as count from stage_runs mysql
     join stage_runs wordpress using (store_id, generation)
     where mysql.stage = 'mysql' and mysql.status = 'running'
       and wordpress.stage = 'wordpress' and wordpress.status = 'done' and store_id = any($1)`,
    [storeIds],
  );
  return Number(row?.['count'] ?? 0);
};
