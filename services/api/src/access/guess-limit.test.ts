import { expect, it } from 'vitest';
import { createGuessLimit, networkOf } from './guess-limit.ts';

it('an address has ten guesses a minute, and hears how long to wait', () => {
  let nowMs = 0;
  const limit = createGuessLimit(() => nowMs);
  for (let guess = 0; guess < 10; guess += 1) {
    expect([guess, limit.waitSeconds('192.0.2.1')]).toEqual([guess, undefined]);
    limit.countWrong('192.0.2.1');
  }
  expect([limit.waitSeconds('192.0.2.1'), limit.waitSeconds('192.0.2.2')]).toEqual([60, undefined]);
  nowMs = 59_001;
  expect(limit.waitSeconds('192.0.2.1')).toBe(1);
  nowMs = 60_000;
  expect(limit.waitSeconds('192.0.2.1')).toBeUndefined();
  limit.countWrong('192.0.2.1');
  expect(limit.waitSeconds('192.0.2.1')).toBeUndefined();
});

it('forgets the oldest address when there are very many', () => {
  const limit = createGuessLimit(() => 0);
  for (let guess = 0; guess < 10; guess += 1) limit.countWrong('first');
  for (let other = 0; other < 9999; other += 1) limit.countWrong(`other-${other}`);
  expect(limit.waitSeconds('first')).toBe(60);
  limit.countWrong('one more');
  expect(limit.waitSeconds('first')).toBeUndefined();
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:DB8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['fe80::1', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
  ['1:2:3::', '1:2:3:0'],
  ['gone', 'gone'],
])('%s guesses for %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
