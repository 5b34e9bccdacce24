import { randomUUID } from 'node:crypto';
import type { Sql } from '@store-platform/shared/db/database';
import type { Claim } from '@store-platform/shared/db/stage-runs';
import { beat, registerWorker, retireWorker, type HeldRun } from '@store-platform/shared/db/workers';
import type { Logger } from '@store-platform/shared/log/logger';

/** A claim in this process. `signal` aborts with the reason as its `reason`, a sentence's end such as "cancelled". */
export interface HeldClaim {
  readonly claim: Claim;
  readonly workerId: string;
  readonly signal: AbortSignal;
}

export interface Lease {
  /** The id to claim with; another one after this worker was declared dead. */
  workerId(): string;
  /** Milliseconds for which the leader can't have declared this worker dead. */
  remainingMs(): number;
  hold(claim: Claim, workerId: string): HeldClaim;
  release(held: HeldClaim): void;
  abortAll(reason: string): void;
  /** One heartbeat; never throws. The loop calls it once a second. */
  beatOnce(): Promise<void>;
  start(): Promise<void>;
  /** Ends the heartbeats and retires the row. */
  stop(): Promise<void>;
}

export interface LeaseOptions {
  db: Sql;
  logger: Logger;
  host: string;
  pid: number;
  beatEveryMs: number;
  /** After so long without a heartbeat the leader declares a worker dead. */
  deadAfterMs: number;
  /** What to do with a run that the rows give to this worker and that it doesn't know: an answer was lost. */
  handBack(run: HeldRun, workerId: string): Promise<void>;
  /** Monotonic milliseconds. */
  now(): number;
}

interface Entry extends HeldClaim {
  readonly controller: AbortController;
}

const sameRun = (claim: Claim, run: HeldRun): boolean =>
  claim.storeId === run.storeId &&
  claim.generation === run.generation &&
  claim.stage === run.stage &&
  claim.epoch === run.epoch &&
  run.status === 'running';

export const createLease = (options: LeaseOptions): Lease => {
  const { db, logger, now } = options;
  const entries = new Set<Entry>();
  let workerId: string = randomUUID();
  let confirmedAt = Number.NEGATIVE_INFINITY;
  let strangers = new Set<string>();
  let loop: NodeJS.Timeout | undefined;
  let stopped = false;

  const abort = (list: Iterable<Entry>, reason: string) => {
    for (const entry of list) entry.controller.abort(reason);
  };

  const register = async () => {
    await registerWorker(db, { id: workerId, host: options.host, pid: options.pid });
    confirmedAt = now();
  };

  /** Aborts what the rows took away; gives back what the rows say and this process doesn't know, seen twice. */
  const reconcile = async (before: readonly Entry[], runs: readonly HeldRun[]) => {
    abort(
      before.filter(({ claim }) => !runs.some((run) => sameRun(claim, run))),
      'cancelled',
    );
    const unknown = runs.filter((run) => ![...entries].some(({ claim }) => sameRunAnyStatus(claim, run)));
    const keys = new Set(unknown.map(keyOf));
    for (const run of unknown) {
      if (strangers.has(keyOf(run))) await options.handBack(run, workerId);
    }
    strangers = keys;
  };

  const rebirth = async () => {
    abort(entries, 'its worker was declared dead');
    entries.clear();
    workerId = randomUUID();
    logger.warn('This worker was declared dead; it goes on under a new id');
    await register();
  };

  const beatOnce = async () => {
    const sentAt = now();
    const before = [...entries];
    try {
      const runs = await beat(db, workerId);
      if (!runs) return await rebirth();
      confirmedAt = sentAt;
      await reconcile(before, runs);
    } catch (error) {
      logger.warn({ err: error }, 'A heartbeat failed');
    } finally {
      if (remainingMs() <= 0) abort(entries, 'its lease ran out');
    }
  };

  const remainingMs = () => confirmedAt + options.deadAfterMs - now();

  const schedule = () => {
    if (stopped) return;
    loop = setTimeout(() => void beatOnce().then(schedule), options.beatEveryMs);
  };

  return {
    workerId: () => workerId,
    remainingMs,
    beatOnce,
    hold: (claim, id) => {
      const controller = new AbortController();
      const entry: Entry = { claim, workerId: id, signal: controller.signal, controller };
      entries.add(entry);
      return entry;
    },
    release: (held) => {
      for (const entry of entries) if (entry === held) entries.delete(entry);
    },
    abortAll: (reason) => abort(entries, reason),
    start: async () => {
      await register();
      schedule();
    },
    stop: async () => {
      stopped = true;
      clearTimeout(loop);
      await retireWorker(db, workerId);
    },
  };
};

const keyOf = (run: HeldRun): string => `${run.storeId} ${run.generation} ${run.stage} ${run.epoch}`;

const sameRunAnyStatus = (claim: Claim, run: HeldRun): boolean =>
  claim.storeId === run.storeId && claim.generation === run.generation && claim.stage === run.stage;
