import { PlatformError } from '@store-platform/shared/contract/problem';
import type { ClusterPresence } from '@store-platform/shared/kube/cluster';

export interface FakePresence {
  readonly presence: ClusterPresence;
  goAway(): void;
  comeBack(): void;
  /** Whether somebody waits for it. */
  isAwaited(): boolean;
}

/** A cluster that is there until the test takes it away. */
export const createFakePresence = (): FakePresence => {
  const listeners = new Set<(absence: PlatformError | undefined) => void>();
  const waiters = new Set<() => void>();
  let absence: PlatformError | undefined;
  const change = (next: PlatformError | undefined) => {
    absence = next;
    for (const listener of listeners) listener(next);
    if (!next) for (const waiter of waiters) waiter();
  };
  return {
    presence: {
      absence: () => absence,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      untilThere: (signal) =>
        new Promise((resolve, reject) => {
          if (!absence) return resolve(false);
          waiters.add(() => resolve(true));
          signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
        }),
    },
    goAway: () => change(new PlatformError('cluster_away', 'Kubernetes does not answer.', { hint: 'Wait.' })),
    comeBack: () => change(undefined),
    isAwaited: () => waiters.size > 0,
  };
};
