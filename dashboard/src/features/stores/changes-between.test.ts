import type { StoreStatus } from '@store-platform/shared/contract/store';
import { expect, test } from 'vitest';
import { changesBetween } from './changes-between.ts';

const store = (status: StoreStatus, id = 'store-00000001', name = 'My Shop') => ({
  store_id: id,
  name,
  status,
});

test.each<[string, StoreStatus, StoreStatus | 'gone', string[]]>([
  ['a store became ready', 'provisioning', 'ready', ['My Shop is ready']],
  ['a store failed', 'provisioning', 'failed', ['My Shop failed']],
  ['a deleted store is gone', 'deleting', 'gone', ['My Shop is deleted']],
  ['nothing happened', 'ready', 'ready', []],
  ['a store moved to another page', 'ready', 'gone', []],
  ['a retry began', 'failed', 'provisioning', []],
])('%s', (_what, before, after, said) => {
  expect(changesBetween([store(before)], after === 'gone' ? [] : [store(after)])).toEqual(said);
});

test('stores that are seen for the first time are no news', () => {
  expect(changesBetween([], [store('ready')])).toEqual([]);
});
