import { performance } from 'node:perf_hooks';
import { provisioningStages, type StageName } from '@store-platform/shared/contract/stage';
import { until } from '@store-platform/shared/testing/until';
import type { FaultBed } from './fault-bed.ts';
import { follow, type Ground } from './fault-case.ts';
import { lookWithoutFaults } from './look-without-faults.ts';
import { wrongs } from './oracle.ts';
import { sideBySide } from './side-by-side.ts';

/** Times from a SIGKILL to the claim of the same stage by another worker, in milliseconds. */
export interface Recovery {
  readonly kills: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** A worker that dies takes the other stores with it that it was at: few at a time keep them apart. */
const atATime = 3;

/**
 * Kills a worker in every stage in turn, when the stage has done its work.
 * @throws Error when a store fares badly after it
 */
export const measureRecovery = async (bed: FaultBed, kills: number): Promise<Recovery> => {
  const { reference } = await lookWithoutFaults(bed);
  const stages = Array.from(
    { length: kills },
    (_, kill) => provisioningStages[kill % provisioningStages.length],
  );
  const times = await sideBySide(
    stages.filter((stage) => stage !== undefined),
    atATime,
    (stage) => recoveryOf({ bed, reference }, stage),
  );
  return { kills: times.length, p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95) };
};

const recoveryOf = async (ground: Ground, stage: StageName): Promise<number> => {
  const { bed } = ground;
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
  const wrong = wrongs(await follow(ground, storeId, 'ready'));
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  for (const order of [death, claims]) order.withdraw();
  return (claimedAt ?? Number.NaN) - (killedAt ?? Number.NaN);
};

const quantile = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN);
};
