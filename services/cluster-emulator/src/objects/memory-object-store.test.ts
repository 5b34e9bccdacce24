import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeTestFolder } from '../testing/test-cluster.ts';
import { openJournal } from './journal.ts';
import { createMemoryObjectStore, type MemoryObjectStore } from './memory-object-store.ts';
import type { KubeObject, ObjectMeta } from './object-store.ts';
import { configMaps, namespaces, secrets } from './resources.ts';

const objectOf = (
  name: string,
  data: Record<string, string> = {},
  rest: Partial<ObjectMeta> = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', uid: '', resourceVersion: '', creationTimestamp: '', ...rest },
  data,
});

const useJournal = async () => {
  const path = join(await makeTestFolder(), 'objects.jsonl');
  const open = (): MemoryObjectStore => {
    const store = createMemoryObjectStore(openJournal(path));
    onTestFinished(() => store.close());
    return store;
  };
  return { path, open };
};

const createStore = () => createMemoryObjectStore(openJournal(undefined));
const write = (store: MemoryObjectStore, name: string, a: string) =>
  store.update(configMaps, 'shop', name, (object) => void (object['data'] = { a }));

test('a restart finds every object as it was, and versions go on rising', async () => {
  const { open } = await useJournal();
  const before = open();
  before.create(configMaps, objectOf('kept', { a: '1' }));
  write(before, 'kept', '2');
  before.create(secrets, objectOf('gone'));
  before.remove(secrets, 'shop', 'gone');
  const version = before.version();
  const kept = before.get(configMaps, 'shop', 'kept');
  before.close();

  const after = open();
  expect(after.get(configMaps, 'shop', 'kept')).toEqual(kept);
  expect(after.list(secrets)).toEqual([]);
  expect(after.version()).toBe(version);
  expect(Number(after.create(configMaps, objectOf('new')).metadata.resourceVersion)).toBe(version + 1);
});

test('a last line that was torn while it was written is ignored, and the lines after it are whole', async () => {
  const { path, open } = await useJournal();
  const before = open();
  before.create(configMaps, objectOf('one'));
  before.create(configMaps, objectOf('two'));
  before.close();
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.slice(0, -20));

  const after = open();
  expect(after.list(configMaps).map(({ metadata }) => metadata.name)).toEqual(['one']);
  after.create(configMaps, objectOf('three'));
  after.close();
  appendFileSync(path, '{"op":"put","gro');
  expect(
    open()
      .list(configMaps)
      .map(({ metadata }) => metadata.name),
  ).toEqual(['one', 'three']);
});

test('the journal does not grow for ever, and loses nothing when it is written anew', async () => {
  const { path, open } = await useJournal();
  const before = open();
  before.create(configMaps, objectOf('busy'));
  before.create(configMaps, objectOf('calm', { a: 'calm' }));
  let largest = 0;
  for (let n = 1; n <= 25_000; n += 1) {
    write(before, 'busy', String(n));
    if (n % 1000 === 0) largest = Math.max(largest, statSync(path).size);
  }
  const bytesALine = readFileSync(path, 'utf8').split('\n')[0]?.length ?? 0;
  expect(largest).toBeLessThan(10_100 * (bytesALine + 20));
  const version = before.version();
  before.close();

  const after = open();
  expect(after.get(configMaps, 'shop', 'busy')?.['data']).toEqual({ a: '25000' });
  expect(after.get(configMaps, 'shop', 'calm')?.['data']).toEqual({ a: 'calm' });
  expect(after.version()).toBe(version);
  expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(3);
});

test('what goes in and what comes out are copies', () => {
  const store = createStore();
  const given = objectOf('one', { a: '1' });
  store.create(configMaps, given);
  given['data'] = { a: 'changed' };
  const got = store.get(configMaps, 'shop', 'one');
  if (got) got['data'] = { a: 'changed' };
  const [listed] = store.list(configMaps, 'shop');
  if (listed) listed['data'] = { a: 'changed' };
  const updated = write(store, 'one', '2');
  updated['data'] = { a: 'changed' };
  expect(store.get(configMaps, 'shop', 'one')?.['data']).toEqual({ a: '2' });
});

test('an update that changes nothing keeps the version and tells nobody; a change of the spec raises the generation', () => {
  const store = createStore();
  const made = store.create(configMaps, { ...objectOf('one'), spec: { a: 1 } });
  const told: string[] = [];
  store.subscribe(({ type }) => told.push(type));
  const same = store.update(configMaps, 'shop', 'one', () => undefined);
  expect([same.metadata.resourceVersion, told]).toEqual([made.metadata.resourceVersion, []]);
  const status = store.update(configMaps, 'shop', 'one', (object) => void (object['status'] = { b: 1 }));
  const spec = store.update(configMaps, 'shop', 'one', (object) => void (object['spec'] = { a: 2 }));
  expect([made, status, spec].map(({ metadata }) => metadata.generation)).toEqual([1, 1, 2]);
  expect(told).toEqual(['MODIFIED', 'MODIFIED']);
});

test('an object with finalizers waits for the last of them, and is deleted once', () => {
  const store = createStore();
  store.create(configMaps, objectOf('held', {}, { finalizers: ['a', 'b'] }));
  const told: string[] = [];
  store.subscribe(({ type }) => told.push(type));
  store.remove(configMaps, 'shop', 'held');
  const deletedAt = store.get(configMaps, 'shop', 'held')?.metadata.deletionTimestamp;
  expect(deletedAt).toMatch(/^\d{4}-.*Z$/);
  store.remove(configMaps, 'shop', 'held');
  store.update(configMaps, 'shop', 'held', ({ metadata }) => void (metadata.finalizers = ['b']));
  expect(store.get(configMaps, 'shop', 'held')).toBeDefined();
  store.update(configMaps, 'shop', 'held', ({ metadata }) => void (metadata.finalizers = []));
  expect(store.get(configMaps, 'shop', 'held')).toBeUndefined();
  expect(told).toEqual(['MODIFIED', 'MODIFIED', 'DELETED']);
});

test('listeners hear changes in their order, with what was before, also those that a listener makes', () => {
  const store = createStore();
  const heard: string[] = [];
  store.follow(({ type, object, previous }) => {
    if (object.metadata.name === 'one' && type === 'ADDED') store.create(secrets, objectOf('two'));
    heard.push(`first ${type} ${object.metadata.name}`);
    expect(previous === undefined).toBe(type === 'ADDED');
  });
  const leave = store.subscribe(({ type, object }) => heard.push(`second ${type} ${object.metadata.name}`));
  store.create(configMaps, objectOf('one'));
  expect(heard).toEqual(['first ADDED one', 'second ADDED one', 'first ADDED two', 'second ADDED two']);
  leave();
  store.remove(configMaps, 'shop', 'one');
  expect(heard.slice(4)).toEqual(['first DELETED one']);
});

test('a listener that fails keeps nobody from the changes that follow', () => {
  const store = createStore();
  const heard: string[] = [];
  store.subscribe(({ object }) => {
    if (object.metadata.name === 'bad') throw new Error('the disk is full');
  });
  store.subscribe(({ object }) => heard.push(object.metadata.name));
  expect(() => store.create(configMaps, objectOf('bad'))).toThrow('the disk is full');
  store.create(configMaps, objectOf('good'));
  expect(heard).toEqual(['bad', 'good']);
});

test('refuses what is there already, and what is not there', () => {
  const store = createStore();
  store.create(configMaps, objectOf('one'));
  expect(() => store.create(configMaps, objectOf('one'))).toThrow('configmaps "one" already exists');
  expect(() => store.update(configMaps, 'shop', 'none', () => undefined)).toThrow('not found');
  expect(() => store.remove(namespaces, undefined, 'none')).toThrow('namespaces "none" not found');
});
