import type { KubeObject } from '@store-platform/shared/kube/kube-object';
import type { StageContext } from '../runner/stage.ts';

/** What Kubernetes says of a namespace beside its objects: why a claim has no volume, which probe fails. */
export interface ClusterEvents {
  /** As they were last read. */
  known(): readonly KubeObject[];
  wereRead(): boolean;
  /** Milliseconds until they are worth reading. */
  dueInMs(isRunning: boolean): number;
  /** Never throws: without them only the explanation is poorer. */
  read(): Promise<void>;
}

/**
 * Before that a healthy start needs no explanation. Containers that run are given longer: while MySQL makes its first
 * files it answers no probe, and that is no trouble.
 */
const firstReadMs = { standing: 5_000, running: 30_000 };
const longestPauseMs = 60_000;

/** Read by a call and rarely, for one wait: a watch would bring the events of every healthy start. */
export const createClusterEvents = (
  { cluster, store, signal }: Pick<StageContext, 'cluster' | 'store' | 'signal'>,
  now: () => number = () => performance.now(),
): ClusterEvents => {
  let events: readonly KubeObject[] = [];
  let from = now();
  let runningFrom: number | undefined;
  let reads = 0;
  return {
    known: () => events,
    wereRead: () => reads > 0,
    dueInMs: (isRunning) => {
      runningFrom = isRunning ? (runningFrom ?? now()) : undefined;
      const pause = (firstMs: number) => Math.min(longestPauseMs, firstMs * 2 ** reads);
      return runningFrom === undefined
        ? from + pause(firstReadMs.standing) - now()
        : Math.max(from, runningFrom) + pause(firstReadMs.running) - now();
    },
    read: async () => {
      from = now();
      reads += 1;
      events = await cluster.events(store.namespace, signal).catch(() => events);
      signal.throwIfAborted();
    },
  };
};
