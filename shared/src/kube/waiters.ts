/** Should an event be lost for all that, whoever waits looks again after this time. */
const lookAgainMs = 15_000;

export interface Waiters {
  wake(place: string): void;
  wakeAll(): void;
  /** Asks `look` now and at each wake of `place` until it answers. @throws what `look` throws, or that it was aborted. */
  until<T>(place: string, look: () => T | undefined, signal: AbortSignal): Promise<T>;
}

/** Who waits for what happens where. */
export const createWaiters = (): Waiters => {
  const places = new Map<string, Set<() => void>>();

  const add = (place: string, waiter: () => void) => {
    const waiters = places.get(place) ?? new Set();
    places.set(place, waiters.add(waiter));
    return () => {
      waiters.delete(waiter);
      if (waiters.size === 0 && places.get(place) === waiters) places.delete(place);
    };
  };
  // A copy, because a waiter that has its answer leaves.
  const wakeSet = (waiters: ReadonlySet<() => void>) => [...waiters].forEach((waiter) => waiter());

  return {
    wake: (place) => wakeSet(places.get(place) ?? new Set()),
    wakeAll: () => [...places.values()].forEach(wakeSet),
    until: <T>(place: string, look: () => T | undefined, signal: AbortSignal) =>
      new Promise<T>((resolve, reject) => {
        let ended = false;
        const end = (settle: () => void) => {
          ended = true;
          leave();
          clearInterval(timer);
          signal.removeEventListener('abort', aborted);
          settle();
        };
        const again = () => {
          if (ended) return;
          try {
            const answer = look();
            if (answer !== undefined) end(() => resolve(answer));
          } catch (error) {
            end(() => reject(error instanceof Error ? error : new Error(String(error))));
          }
        };
        const aborted = () => end(() => reject(new Error('aborted', { cause: signal.reason })));
        const leave = add(place, again);
        const timer = setInterval(again, lookAgainMs);
        signal.addEventListener('abort', aborted, { once: true });
        if (signal.aborted) aborted();
        else again();
      }),
  };
};
