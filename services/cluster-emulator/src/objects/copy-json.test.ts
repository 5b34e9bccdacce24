import { expect, test } from 'vitest';
import { copyJson } from './copy-json.ts';

test('a copy is equal, and shares nothing that can be changed', () => {
  const original = { a: [1, { b: null, c: 'x' }], d: { e: true } };
  const copied = copyJson(original);
  expect(copied).toEqual(original);
  copied.d.e = false;
  copied.a.push(2);
  expect(original).toEqual({ a: [1, { b: null, c: 'x' }], d: { e: true } });
});

test('a key called __proto__ stays a key', () => {
  const original: unknown = JSON.parse('{"data":{"__proto__":{"polluted":"yes"}}}');
  const copied = copyJson(original);
  expect(JSON.stringify(copied)).toBe(JSON.stringify(original));
  expect('polluted' in Object(copied).data).toBe(false);
});
