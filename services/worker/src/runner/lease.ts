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
  /** A claim that comes too late, after `abortAll` or under an id that is dead, is aborted from its start. */
  hold(claim: Claim, workerId: string): HeldClaim;
  release(held: HeldClaim): void;
  /** Aborts every claim, those to come included: one may be on its way while its worker stops. */
  abortAll(reason: string): void;
  /** One heartbeat; never throws. The loop calls it once a second. */
  beatOnce(): Promise<void>;
  start(): Promise<void>;
  /** Ends the heartbeats and retires the row. */
  stop(): Promise<void>;
}

export interface LeaseOptions {
  /** Connections that stages don't use: hundreds that write at once must not hold up a heartbeat. */
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
  let givingBack: Promise<void> | undefined;
  const timers: { beat?: NodeJS.Timeout; expiry?: NodeJS.Timeout } = {};
  let beating: Promise<void> = Promise.resolve();
  let ended: string | undefined;
  let stopped = false;

  const abort = (list: Iterable<Entry>, reason: string) => {
    for (const entry of list) entry.controller.abort(reason);
  };

  const remainingMs = () => confirmedAt + options.deadAfterMs - now();

  const expire = () => {
    if (remainingMs() <= 0) abort(entries, 'its lease ran out');
  };

  /** Counted from before it was sent: the leader may see the row before the answer is here. */
  const register = async () => {
    const sentAt = now();
    await registerWorker(db, { id: workerId, host: options.host, pid: options.pid });
    confirmedAt = sentAt;
  };

  /** Beside the heartbeats, which must not wait for it. What fails is a stranger again at the next one. */
  const giveBack = async (runs: readonly HeldRun[], id: string) => {
    for (const run of runs) {
      await options
        .handBack(run, id)
        .catch((error: unknown) => logger.warn({ err: error, run }, 'A run could not be handed back'));
    }
  };

  /** Aborts what the rows took away; gives back what the rows say and this process doesn't know, seen twice. */
  const reconcile = (before: readonly Entry[], runs: readonly HeldRun[]) => {
    abort(
      before.filter(({ claim }) => !runs.some((run) => sameRun(claim, run))),
      'cancelled',
    );
    const unknown = runs.filter((run) => ![...entries].some(({ claim }) => sameRunAnyStatus(claim, run)));
    const lost = unknown.filter((run) => strangers.has(keyOf(run)));
    strangers = new Set(unknown.map(keyOf));
    if (lost.length > 0) {
      givingBack ??= giveBack(lost, workerId).finally(() => {
        givingBack = undefined;
      });
    }
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
      if (stopped) return;
      if (!runs) return await rebirth();
      confirmedAt = sentAt;
      reconcile(before, runs);
    } catch (error) {
      logger.warn({ err: error }, 'A heartbeat failed');
    } finally {
      expire();
    }
  };

  const schedule = () => {
    if (stopped) return;
    timers.beat = setTimeout(() => void (beating = beatOnce().then(schedule)), options.beatEveryMs);
  };

  return {
    workerId: () => workerId,
    remainingMs,
    beatOnce,
    hold: (claim, id) => {
      const controller = new AbortController();
      const entry: Entry = { claim, workerId: id, signal: controller.signal, controller };
      if (ended !== undefined) controller.abort(ended);
      if (id !== workerId) controller.abort('its worker was declared dead');
      entries.add(entry);
      return entry;
    },
    release: (held) => {
      for (const entry of entries) if (entry === held) entries.delete(entry);
    },
    abortAll: (reason) => {
      ended = reason;
      abort(entries, reason);
    },
    start: async () => {
      await register();
      schedule();
      // A heartbeat without an answer tells nobody that the lease is over.
      timers.expiry = setInterval(expire, options.beatEveryMs);
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timers.beat);
      clearInterval(timers.expiry);
      await Promise.all([beating, givingBack]);
      await retireWorker(db, workerId);
    },
  };
};

const keyOf = (run: HeldRun): string => `${run.storeId} ${run.generation} ${run.stage} ${run.epoch}`;

const sameRunAnyStatus = (claim: Claim, run: HeldRun): boolean =>
  claim.storeId === run.storeId && claim.generation === run.generation && claim.stage === run.stage;
