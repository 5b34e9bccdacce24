import { expect, test } from 'vitest';
import { parseKubeObject } from './kube-object.ts';
import { createObjectCache } from './object-cache.ts';

const pod = (name: string, version: number, namespace = 'store-a') =>
  parseKubeObject({
    metadata: { name, namespace, uid: name, resourceVersion: String(version), managedFields: [{ a: 1 }] },
  });

test('finds by namespace and name, and lists one namespace or all', () => {
  const cache = createObjectCache();
  cache.replaceAll([pod('one', 1), pod('two', 2), pod('one', 3, 'store-b')]);
  expect(cache.find('store-b', 'one')?.metadata.resourceVersion).toBe('3');
  expect(cache.list('store-a').map(({ metadata }) => metadata.name)).toEqual(['one', 'two']);
  expect(cache.list()).toHaveLength(3);
  expect(cache.list('store-c')).toEqual([]);
});

test('a namespace is found by its own name', () => {
  const cache = createObjectCache();
  cache.put(parseKubeObject({ metadata: { name: 'store-a', uid: 'u', resourceVersion: '1' } }));
  expect(cache.find(undefined, 'store-a')).toBeDefined();
});

test('an event that comes late or twice never takes an object back', () => {
  const cache = createObjectCache();
  expect(cache.put(pod('one', 5))).toBe(true);
  expect(cache.put(pod('one', 5))).toBe(false);
  expect(cache.put(pod('one', 4))).toBe(false);
  expect(cache.remove(pod('one', 4))).toBe(false);
  expect(cache.find('store-a', 'one')?.metadata.resourceVersion).toBe('5');
  expect(cache.remove(pod('one', 6))).toBe(true);
  expect(cache.find('store-a', 'one')).toBeUndefined();
});

test('a new list replaces all', () => {
  const cache = createObjectCache();
  cache.put(pod('one', 5));
  cache.replaceAll([pod('two', 3)]);
  expect(cache.list().map(({ metadata }) => metadata.name)).toEqual(['two']);
});

test('does not keep who wrote which field', () => {
  const cache = createObjectCache();
  cache.put(pod('one', 5));
  expect(JSON.stringify(cache.list())).not.toContain('managedFields');
});
