import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFakePresence } from '../testing/fake-presence.ts';
import { startStageClock } from './stage-clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const start = (limitMs: number) => {
  const away = createFakePresence();
  const clock = startStageClock({ limitMs, presence: away.presence, now: () => performance.now() });
  return { ...away, clock };
};
const pass = (ms: number) => vi.advanceTimersByTime(ms);

test('the clock of a stage runs out when its time is over', () => {
  const { clock } = start(1000);
  pass(999);
  expect([clock.signal.aborted, clock.watchedMs()]).toEqual([false, 999]);
  pass(1);
  expect(clock.signal.aborted).toBe(true);
});

test('the clock stands still while the cluster is away, a night long', () => {
  const { clock, goAway, comeBack } = start(1000);
  pass(400);
  goAway();
  pass(36_000_000);
  goAway();
  expect([clock.signal.aborted, clock.watchedMs()]).toEqual([false, 400]);
  comeBack();
  pass(599);
  expect([clock.signal.aborted, clock.watchedMs()]).toEqual([false, 999]);
  pass(1);
  expect(clock.signal.aborted).toBe(true);
});

test('the clock does not begin before the cluster is there', () => {
  const { presence, goAway, comeBack } = createFakePresence();
  goAway();
  const clock = startStageClock({ limitMs: 10, presence, now: () => performance.now() });
  pass(100);
  comeBack();
  pass(5);
  expect([clock.signal.aborted, clock.watchedMs()]).toEqual([false, 5]);
});

test('without a limit it never runs out, and stopped it counts no more', () => {
  const { clock } = start(Number.POSITIVE_INFINITY);
  pass(1_000_000);
  clock.stop();
  pass(1_000_000);
  expect([clock.signal.aborted, clock.watchedMs()]).toEqual([false, 1_000_000]);
});
