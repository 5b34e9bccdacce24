import type { Database } from '@store-platform/shared/db/database';
import { insertEvents, pruneEvents } from '@store-platform/shared/db/events';
import {
  listUnwanted,
  recordAvailability,
  recordSleep,
  type SeenNamespace,
} from '@store-platform/shared/db/store-observations';
import { transitionStore } from '@store-platform/shared/db/transition-store';
import { listOrphans, listPulses, markDead, pruneWorkers } from '@store-platform/shared/db/workers';
import { createLostJobsSweep } from '@store-platform/shared/dispatch/lost-jobs';
import { sendDue } from '@store-platform/shared/dispatch/send-due';
import { reopenTeardown, workerDied } from '@store-platform/shared/lifecycle/transitions';
import type { Logger } from '@store-platform/shared/log/logger';
import type { StageQueue } from '@store-platform/shared/queue/stage-queue';
import type { WorkerTiming } from '../worker-timing.ts';
import { createJudge, type Judge } from './judge-workers.ts';

/** What the leader may see of the cluster: the worker's shared watch, never a call of its own. */
export interface ClusterView {
  readonly uid: string;
  /** Namespaces of this installation that are there and not going. */
  namespaces(): SeenNamespace[];
  /** How the shops of these stores are; undefined while the watch isn't fresh. */
  seeShops(readyStoreIds: readonly string[]): SeenShops | undefined;
}

/** The ids of the stores whose shops are not as after a visit. */
interface SeenShops {
  /** A deployment is missing or not ready. */
  readonly down: string[];
  /** Ready, with processes that the next visitor starts. */
  readonly asleep: string[];
}

export interface SweepDeps {
  db: Database;
  queue: Pick<StageQueue, 'add' | 'state'>;
  cluster: ClusterView;
  logger: Logger;
  timing: { deadAfterMs: number; unclaimedAfterMs: number };
  /** Monotonic milliseconds. */
  now(): number;
  listReadyStoreIds(): Promise<string[]>;
  /** Whether the cluster has what stores will need. */
  lookAhead(): Promise<void>;
}

export interface Sweep {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void>;
}

const keptEvents = { perStore: 500, days: 90 };

/** What the leader does, and how often. Each may fail alone; the next turn tries again. */
export const createSweeps = (deps: SweepDeps, everyMs: WorkerTiming['sweepEveryMs']): Sweep[] => {
  const judge = createJudge(deps.timing.deadAfterMs);
  const sweepLostJobs = createLostJobsSweep(deps);
  const reported = new Set<string>();
  return [
    { name: 'judge workers', everyMs: everyMs.fast, run: async () => buryDead(deps, judge) },
    { name: 'rescue runs of dead workers', everyMs: everyMs.fast, run: async () => rescueOrphans(deps) },
    { name: 'send what is due', everyMs: everyMs.fast, run: async () => void (await sendDue(deps)) },
    {
      name: 'find lost jobs',
      everyMs: everyMs.slow,
      run: async () => void (await sweepLostJobs(deps.timing.unclaimedAfterMs)),
    },
    { name: 'look after ready shops', everyMs: everyMs.slow, run: async () => watchShops(deps) },
    {
      name: 'remove namespaces that came back',
      everyMs: everyMs.slow,
      run: async () => removeReturned(deps, reported),
    },
    // Which decides by itself whether it is time.
    { name: 'look ahead', everyMs: everyMs.slow, run: deps.lookAhead },
    {
      name: 'keep the history small',
      everyMs: everyMs.rare,
      run: async () => {
        await pruneEvents(deps.db, keptEvents);
        await pruneWorkers(deps.db);
      },
    },
  ];
};

const buryDead = async ({ db, logger, now }: SweepDeps, judge: Judge) => {
  for (const pulse of judge(await listPulses(db), now())) {
    if (await markDead(db, pulse))
      logger.warn({ worker: pulse.id }, 'A worker stood still and counts as dead');
  }
};

const rescueOrphans = async (deps: SweepDeps) => {
  for (const { storeId, claim, workerId, watchedMs } of await listOrphans(deps.db)) {
    await transitionStore(deps.db, storeId, (state) => workerDied(state, claim, workerId, watchedMs));
    deps.logger.warn({ storeId, stage: claim.stage }, 'A stage of a dead worker is due again');
  }
};

const watchShops = async ({ db, cluster, listReadyStoreIds }: SweepDeps) => {
  const seen = cluster.seeShops(await listReadyStoreIds());
  if (!seen) return;
  await recordSleep(db, cluster.uid, seen.asleep);
  const { lost, back } = await recordAvailability(db, cluster.uid, seen.down);
  for (const storeId of lost) {
    await insertEvents(db, storeId, [
      { type: 'shop_unavailable', message: 'The shop does not answer.', severity: 'warning' },
    ]);
  }
  for (const storeId of back) {
    await insertEvents(db, storeId, [
      { type: 'shop_available', message: 'The shop answers again.', severity: 'success' },
    ]);
  }
};

/** Rules 5 and 7: what a failed or deleted store left behind goes; what no row knows is reported, never deleted. */
const removeReturned = async ({ db, cluster, logger }: SweepDeps, reported: Set<string>) => {
  const { unwanted, unknown } = await listUnwanted(db, cluster.namespaces());
  for (const storeId of unwanted) await transitionStore(db, storeId, reopenTeardown);
  for (const namespace of unknown) {
    if (reported.has(namespace)) continue;
    reported.add(namespace);
    logger.warn(
      { namespace },
      'A namespace of this installation has no row, or an older one; it is left alone',
    );
  }
};
