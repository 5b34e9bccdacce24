import { expect, test } from 'vitest';
import { createTokenBucket } from './token-bucket.ts';

test('lets a burst go at once, then so many a second, in the order in which they asked', async () => {
  const waits: number[] = [];
  let time = 1000;
  const bucket = createTokenBucket(10, 3, { now: () => time, wait: async (ms) => void waits.push(ms) });
  for (let n = 0; n < 5; n += 1) await bucket.take();
  expect(waits).toEqual([100, 200]);
  time += 10_000;
  await bucket.take();
  expect(waits).toHaveLength(2);
});

test('a wait ends when it is aborted', async () => {
  const aborting = new AbortController();
  const bucket = createTokenBucket(0.001, 1);
  await bucket.take();
  const waiting = bucket.take(aborting.signal);
  aborting.abort();
  await expect(waiting).rejects.toThrow();
});
