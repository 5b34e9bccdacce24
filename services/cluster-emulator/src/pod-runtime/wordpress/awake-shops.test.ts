import { expect, it } from 'vitest';
import { createAwakeShops, mostAwakeIn } from './awake-shops.ts';

const shopsOf = (most: number) => {
  const awake = createAwakeShops(most);
  const slept: string[] = [];
  const add = (name: string, lastVisitMs: number, busy = false) => {
    const shop = {
      lastVisitMs,
      isBusy: () => busy,
      fallAsleep: async () => {
        awake.leave(shop);
        slept.push(name);
      },
    };
    awake.admit(shop);
    return shop;
  };
  return { awake, slept, add };
};

it('when one more shop wakes than there is room for, the one that was visited least recently sleeps', () => {
  const { slept, add } = shopsOf(2);
  add('visited later', 2);
  add('visited first', 1);
  add('new', 3);
  expect(slept).toEqual(['visited first']);
});

it('a shop with somebody waiting for an answer stays awake, even when there are too many', () => {
  const { slept, add } = shopsOf(1);
  add('busy', 1, true);
  add('new', 2);
  expect(slept).toEqual([]);
});

it('a shop that is awake already takes no second place', () => {
  const { awake, slept, add } = shopsOf(2);
  add('other', 1);
  awake.admit(add('shop', 2));
  expect(slept).toEqual([]);
});

it('half of the machine is for shops, and one can always run', () => {
  expect(mostAwakeIn(2 ** 30)).toBe(1);
  expect(mostAwakeIn(16 * 2 ** 30)).toBe(11);
});
