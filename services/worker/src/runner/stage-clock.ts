import type { ClusterPresence } from '@store-platform/shared/kube/cluster';

/** The time of a stage: only that in which there was a cluster to be watched counts. */
export interface StageClock {
  /** Aborts when the time is over. */
  readonly signal: AbortSignal;
  /** Milliseconds so far. */
  watchedMs(): number;
  stop(): void;
}

export interface StageClockOptions {
  /** In milliseconds; Infinity never ends. */
  limitMs: number;
  presence: Pick<ClusterPresence, 'absence' | 'onChange'>;
  /** Monotonic milliseconds. */
  now(): number;
}

/** Stands still while the cluster is away. */
export const startStageClock = ({ limitMs, presence, now }: StageClockOptions): StageClock => {
  const over = new AbortController();
  let watchedMs = 0;
  let runningSince: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  const run = () => {
    runningSince = now();
    const leftMs = Math.max(0, limitMs - watchedMs);
    if (Number.isFinite(leftMs)) timer = setTimeout(() => over.abort(), leftMs);
  };
  const halt = () => {
    if (runningSince !== undefined) watchedMs += now() - runningSince;
    runningSince = undefined;
    clearTimeout(timer);
  };
  const leave = presence.onChange((absence) => {
    halt();
    if (!absence) run();
  });
  if (!presence.absence()) run();
  return {
    signal: over.signal,
    watchedMs: () => watchedMs + (runningSince === undefined ? 0 : now() - runningSince),
    stop: () => {
      halt();
      leave();
    },
  };
};
