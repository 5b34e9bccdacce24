import { performance } from 'node:perf_hooks';
import { provisioningStages, type StageName } from '@store-platform/shared/contract/stage';
import { until } from '@store-platform/shared/testing/until';
import type { FaultBed } from './fault-bed.ts';
import { follow } from './fault-case.ts';
import { lookWithoutFaults } from './look-without-faults.ts';
import { wrongs } from './oracle.ts';
import { sideBySide } from './side-by-side.ts';

/** Times from a SIGKILL to the claim of the same stage by another worker, in milliseconds. */
export interface Recovery {
  readonly kills: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** While one store goes its way after a death, the next may meet its own. */
const atATime = 2;

/**
 * Kills a worker in every stage in turn, when the stage has done its work. The next dies when the one before is noticed:
 * a leader that dies meanwhile leaves its successor to count from the start, and that would be the time of two deaths.
 * @throws Error when a store fares badly after it
 */
export const measureRecovery = async (bed: FaultBed, kills: number): Promise<Recovery> => {
  const { reference } = await lookWithoutFaults(bed);
  const stages = Array.from(
    { length: kills },
    (_, kill) => provisioningStages[kill % provisioningStages.length],
  );
  let earlier: Promise<unknown> = Promise.resolve();
  const times = await sideBySide(stages, atATime, async (stage) => {
    const noticed = earlier.then(() => dieAt(bed, stage));
    earlier = noticed.catch(() => undefined);
    const { storeId, tookMs } = await noticed;
    const wrong = wrongs(await follow({ bed, reference }, storeId, 'ready'));
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    return tookMs;
  });
  return { kills: times.length, p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95) };
};

/** @returns the store, and the time until another worker claimed its stage */
const dieAt = async (bed: FaultBed, stage: StageName | undefined) => {
  const storeId = bed.newStoreId();
  let killedAt: number | undefined;
  let claimedAt: number | undefined;
  const death = bed.workers.order({
    storeId,
    stage,
    moment: 'ran',
    action: 'kill',
    onReached: () => (killedAt = performance.now()),
  });
  const claims = bed.workers.order({
    storeId,
    stage,
    moment: 'claimed',
    action: 'note',
    times: Number.POSITIVE_INFINITY,
    onReached: () => {
      if (killedAt !== undefined) claimedAt ??= performance.now();
    },
  });
  await bed.create(storeId);
  await until('another worker goes on', () => claimedAt !== undefined, { timeoutMs: 120_000 });
  for (const order of [death, claims]) order.withdraw();
  return { storeId, tookMs: (claimedAt ?? Number.NaN) - (killedAt ?? Number.NaN) };
};

const quantile = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN);
};
