import { setTimeout as pause } from 'node:timers/promises';
import { isClusterAbsence } from '../contract/is-cluster-absence.ts';
import type { PlatformError } from '../contract/problem.ts';
import type { ClusterPresence } from './cluster.ts';
import type { Logger } from '../log/logger.ts';

export interface ClusterPresenceOptions {
  /** One question, tried once. */
  ask(): Promise<unknown>;
  /** Whether the watch is alive. */
  isFresh(): boolean;
  logger: Logger;
  timing?: PresenceTiming;
  /** Waits so many milliseconds between two questions. */
  wait?: (ms: number, value: undefined, options: { signal: AbortSignal }) => Promise<void>;
}

/** All in milliseconds. */
export interface PresenceTiming {
  /** Between two looks whether the watch is alive; they ask nobody. */
  readonly lookEveryMs: number;
  /** Between two questions to a cluster that doesn't answer; the last one goes on for as long as it takes. */
  readonly pausesMs: readonly number[];
}

const defaults: PresenceTiming = { lookEveryMs: 1000, pausesMs: [1000, 2000, 4000, 8000, 15_000] };
/** A single question may get lost. */
const failuresOfAnAbsence = 2;

/** One question at a time for a whole worker, whatever number of its stages waits. */
export const createClusterPresence = (options: ClusterPresenceOptions) => {
  const { ask, isFresh, logger, timing = defaults, wait = pause } = options;
  const stopping = new AbortController();
  const listeners = new Set<(absence: PlatformError | undefined) => void>();
  let absence: PlatformError | undefined;
  let asking: Promise<boolean> | undefined;
  /** Looks at a dead watch that are skipped, because the cluster has just answered. */
  let looksToSkip = 0;
  /** Ends the pause before the next question. */
  let heardOf = new AbortController();

  const change = (next: PlatformError | undefined) => {
    const isNews = (next === undefined) !== (absence === undefined);
    absence = next;
    if (!isNews) return;
    if (next) logger.warn({ err: next }, 'Kubernetes does not answer; stages wait until it is back');
    else logger.info('Kubernetes answers again');
    for (const listener of listeners) listener(next);
  };

  const back = () => {
    change(undefined);
    looksToSkip = timing.pausesMs.length;
  };

  const askUntilThere = async (): Promise<boolean> => {
    const wasBroken = !isFresh();
    for (let failures = 0; ; failures += 1) {
      stopping.signal.throwIfAborted();
      heardOf = new AbortController();
      const error = await ask().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!isClusterAbsence(error) || heardOf.signal.aborted) {
        back();
        return failures > 0 || wasBroken;
      }
      if (failures + 1 >= failuresOfAnAbsence) change(error);
      const pauseMs = timing.pausesMs[Math.min(failures, timing.pausesMs.length - 1)] ?? 0;
      const signal = AbortSignal.any([stopping.signal, heardOf.signal]);
      await wait(pauseMs, undefined, { signal }).catch(() => undefined);
      if (heardOf.signal.aborted) return true;
    }
  };

  const askOnce = (): Promise<boolean> => {
    asking ??= askUntilThere().finally(() => {
      asking = undefined;
    });
    // Those who wait hear of its end; without one it must not end the process.
    asking.catch(() => undefined);
    return asking;
  };

  const timer = setInterval(() => {
    if (isFresh() || asking) return;
    if (looksToSkip > 0) looksToSkip -= 1;
    else void askOnce();
  }, timing.lookEveryMs);

  const presence: ClusterPresence = {
    absence: () => absence,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    untilThere: (signal) => orAborted(askOnce(), signal),
  };
  return {
    presence,
    /** Somebody got an answer: nobody needs to wait any longer. */
    heard: () => {
      if (!asking || heardOf.signal.aborted) return;
      heardOf.abort();
      back();
    },
    stop: () => {
      clearInterval(timer);
      stopping.abort(new Error('The cluster was closed'));
    },
  };
};

const orAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const aborted = () =>
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
