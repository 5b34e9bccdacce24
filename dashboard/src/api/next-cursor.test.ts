import { expect, test } from 'vitest';
import { nextCursor } from './next-cursor.ts';

test.each([
  [null, null],
  ['</api/stores?limit=100&cursor=42>; rel="next"', '42'],
  ['<http://localhost:3000/api/stores?cursor=7>; rel=next', '7'],
  ['</api/stores?cursor=1>; rel="prev", </api/stores?cursor=9>; rel="next"', '9'],
  ['</api/stores>; rel="first"', null],
])('%s', (link, cursor) => {
  expect(nextCursor(link)).toBe(cursor);
});
