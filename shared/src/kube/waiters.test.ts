import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWaiters } from './waiters.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const never = new AbortController().signal;

test('looks again by itself, should an event have been lost', async () => {
  const waiters = createWaiters();
  let there = false;
  const waiting = waiters.until('store-a', () => there || undefined, never);
  there = true;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await waiting).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('everyone looks again after a new list', async () => {
  const waiters = createWaiters();
  let there = false;
  const waiting = ['store-a', 'store-b'].map((place) =>
    waiters.until(place, () => there || undefined, never),
  );
  there = true;
  waiters.wakeAll();
  expect(await Promise.all(waiting)).toEqual([true, true]);
});

test('one who has the answer is not asked again, also when woken from within', async () => {
  const waiters = createWaiters();
  let looks = 0;
  const waiting = waiters.until('store-a', () => (looks += 1) > 1 || undefined, never);
  waiters.wake('store-a');
  waiters.wake('store-a');
  await waiting;
  expect(looks).toBe(2);
});

test('leaves no timer behind when it is aborted, before or while it waits', async () => {
  const waiters = createWaiters();
  await expect(waiters.until('store-a', () => undefined, AbortSignal.abort('late'))).rejects.toThrow();
  const aborting = new AbortController();
  const waiting = waiters.until('store-a', () => undefined, aborting.signal);
  aborting.abort('enough');
  await expect(waiting).rejects.toMatchObject({ cause: 'enough' });
  expect(vi.getTimerCount()).toBe(0);
});
