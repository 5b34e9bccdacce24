import { setTimeout as pause } from 'node:timers/promises';

export interface TokenBucket {
  /** Resolves when the next call may go. */
  take(signal?: AbortSignal): Promise<void>;
}

export interface TokenBucketOptions {
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  readonly wait?: (ms: number, value: undefined, options?: { signal: AbortSignal }) => Promise<void>;
}

/** Lets `burst` calls go at once and `perSecond` from then on, in the order in which they asked. */
export const createTokenBucket = (
  perSecond: number,
  burst: number,
  { now = () => performance.now(), wait = pause }: TokenBucketOptions = {},
): TokenBucket => {
  // When the bucket is full again if nobody asks: each call moves it by one interval.
  let fullAt = 0;
  const interval = 1000 / perSecond;
  return {
    take: async (signal) => {
      const time = now();
      fullAt = Math.max(fullAt, time) + interval;
      const waitMs = fullAt - time - burst * interval;
      if (waitMs > 0) await wait(waitMs, undefined, signal ? { signal } : undefined);
    },
  };
};
