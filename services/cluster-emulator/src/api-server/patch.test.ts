import { expect, test } from 'vitest';
import type { JsonObject } from '../objects/json.ts';
import { jsonPatch, mergePatch } from './patch.ts';

const merged = (target: JsonObject, patch: JsonObject, strategic = false): JsonObject => {
  mergePatch(target, patch, strategic);
  return target;
};

const container = { name: 'web', image: 'web:1', env: [{ name: 'A', value: '1' }] };

test.each([
  ['sets what is new', { a: 1 }, { b: { c: 2 } }, { a: 1, b: { c: 2 } }],
  ['takes away what is null', { a: 1, b: { c: 2, d: 3 } }, { a: null, b: { c: null } }, { b: { d: 3 } }],
  ['keeps no null in what is new', {}, { a: { b: null } }, { a: {} }],
  ['replaces lists whole', { a: [1, 2] }, { a: [3] }, { a: [3] }],
])('a merge patch %s', (_what, target, patch, expected) => {
  expect(merged(target, patch)).toEqual(expected);
});

test.each([
  [
    'merges the items of a named list, and ignores the order that kubectl sends along',
    { containers: [container] },
    { '$setElementOrder/containers': [{ name: 'web' }], containers: [{ name: 'web', image: 'web:2' }] },
    { containers: [{ ...container, image: 'web:2' }] },
  ],
  [
    'adds an item, without the orders inside it',
    { containers: [container] },
    { containers: [{ name: 'new', '$setElementOrder/env': [], env: [] }] },
    { containers: [container, { name: 'new', env: [] }] },
  ],
  [
    'takes an item away',
    { containers: [container, { name: 'old' }] },
    { containers: [{ name: 'old', $patch: 'delete' }] },
    { containers: [container] },
  ],
  [
    'replaces an object whole',
    { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
    { strategy: { $patch: 'replace', type: 'Recreate' } },
    { strategy: { type: 'Recreate' } },
  ],
  [
    'keeps only the keys that are to be retained',
    { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
    { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
    { strategy: { type: 'Recreate' } },
  ],
  [
    'takes plain values out of a list',
    { finalizers: ['a', 'b'] },
    { '$deleteFromPrimitiveList/finalizers': ['a'] },
    { finalizers: ['b'] },
  ],
])('a strategic merge patch %s', (_what, target: JsonObject, patch: JsonObject, expected) => {
  expect(merged(target, patch, true)).toEqual(expected);
});

test('a key called __proto__ reaches no other object', () => {
  const patch: unknown = JSON.parse('{"data":{"__proto__":{"polluted":"yes"}}}');
  merged({ data: {} }, Object(patch));
  expect('polluted' in {}).toBe(false);
});

test('a JSON patch adds, replaces and removes, in objects and in lists', () => {
  const target: JsonObject = { metadata: { labels: { 'a/b': '1' } }, list: ['one', 'three'] };
  jsonPatch(target, [
    { op: 'replace', path: '/metadata/labels/a~1b', value: '2' },
    { op: 'add', path: '/metadata/name', value: 'web' },
    { op: 'add', path: '/list/1', value: 'two' },
    { op: 'add', path: '/list/-', value: 'four' },
    { op: 'remove', path: '/list/0' },
  ]);
  expect(target).toEqual({
    metadata: { labels: { 'a/b': '2' }, name: 'web' },
    list: ['two', 'three', 'four'],
  });
});

test.each([
  [{ op: 'add', value: 1 }],
  [{ op: 'add', path: '/nothing/here', value: 1 }],
  [{ op: 'move', path: '/a', from: '/b' }],
])('a JSON patch that cannot be followed is refused: %j', (operation) => {
  expect(() => jsonPatch({}, [operation])).toThrow('The patch cannot be used');
});
