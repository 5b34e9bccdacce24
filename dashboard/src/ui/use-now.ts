import { useSyncExternalStore } from 'react';

const TICK_MS = 1000;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

const tick = () => {
  now = Date.now();
  for (const listener of listeners) listener();
};

/** One timer for all that show passing time, and none while nothing does. */
const subscribe = (listener: () => void) => {
  if (listeners.size === 0) {
    timer = setInterval(tick, TICK_MS);
    now = Date.now();
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
};

/** @returns milliseconds since 1970, moved once a second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);
