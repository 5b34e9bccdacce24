import type { StoreDetail } from '@store-platform/shared/contract/store';
import { until } from '@store-platform/shared/testing/until';
import type { FaultBed } from './fault-bed.ts';
import type { Ground } from './fault-case.ts';
import { joinVerdicts, judgeGone, judgeReady, type Verdict } from './oracle.ts';

const patienceMs = 600_000;

/** As `follow`, for a crowd of stores, which are looked at in one question: all become ready, then all are deleted. */
export const followAll = async (
  { bed, reference }: Ground,
  storeIds: readonly string[],
): Promise<Verdict> => {
  const verdicts: Verdict[] = [];
  await awaitAll(bed, storeIds, 'ready');
  await forEach(bed, storeIds, (store) => verdicts.push(judgeReady(bed, store, reference)));
  return joinVerdicts([...verdicts, await deleteAll(bed, storeIds)]);
};

/** Whatever they are at. */
export const deleteAll = async (bed: FaultBed, storeIds: readonly string[]): Promise<Verdict> => {
  const verdicts: Verdict[] = [];
  for (const storeId of storeIds) await bed.delete(storeId);
  await awaitAll(bed, storeIds, 'deleted');
  await forEach(bed, storeIds, (store) => verdicts.push(judgeGone(bed, store)));
  return joinVerdicts(verdicts);
};

const awaitAll = async (
  bed: FaultBed,
  storeIds: readonly string[],
  status: 'ready' | 'deleted',
): Promise<void> => {
  let others: unknown[] = [];
  await until(
    `all are ${status}`,
    async () => {
      others = await bed.db
        .query('select store_id, status, error from stores where store_id = any($1) and status <> $2', [
          storeIds,
          status,
        ])
        .catch(() => ['the database is away']);
      return others.length === 0;
    },
    { timeoutMs: patienceMs, everyMs: 300 },
  ).catch((error: unknown) => {
    throw new Error(`${others.length} stores are not ${status}, e.g. ${JSON.stringify(others.slice(0, 3))}`, {
      cause: error,
    });
  });
};

const forEach = async (
  bed: FaultBed,
  storeIds: readonly string[],
  judge: (store: StoreDetail) => void,
): Promise<void> => {
  for (const storeId of storeIds) {
    const store = await bed.find(storeId);
    if (!store) throw new Error(`${storeId} has no row`);
    judge(store);
  }
};
