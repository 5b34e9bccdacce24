import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { until } from '@store-platform/shared/testing/until';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type { StreamFault } from '../faults/faults.ts';
import { at, objectsAt, stringAt } from '../objects/json.ts';
import { configMaps } from '../objects/resources.ts';
import { configMapOf, namespaceOf, startTestApi, type Stream, type TestApi } from '../testing/test-api.ts';
import { streamChanges } from './watch-stream.ts';

const collection = '/api/v1/namespaces/shop/configmaps';
const patch = { 'content-type': 'application/merge-patch+json' };
afterEach(() => void vi.useRealTimers());

/** Type and name of each event, e.g. `ADDED one`. */
const told = (stream: Stream) =>
  stream
    .events()
    .map(({ type, object }) => `${String(type)} ${stringAt(object, 'metadata', 'name') ?? ''}`.trim());

/** Waits for just these events: whatever else were told would have come before the last of them. */
const expectEvents = (stream: Stream, ...expected: string[]) =>
  until(
    `${expected.join(', ')} instead of ${told(stream).join(', ')}`,
    () => told(stream).join() === expected.join(),
  );

const startShop = async (): Promise<TestApi> => {
  const api = await startTestApi();
  await api.make(namespaceOf('shop'));
  return api;
};

const versionNow = async ({ ask }: TestApi, path = collection): Promise<string> =>
  stringAt((await ask('GET', path)).body, 'metadata', 'resourceVersion') ?? '';

const label = ({ ask }: TestApi, name: string, app: string | null) =>
  ask('PATCH', `${collection}/${name}`, { metadata: { labels: { app } } }, patch);

test('without a version a watch tells what is there, then what changes', async () => {
  const api = await startShop();
  await api.make(configMapOf('one'));
  const stream = await api.open(`${collection}?watch=1`);
  await expectEvents(stream, 'ADDED one');
  await api.make(configMapOf('two'));
  await label(api, 'one', 'web');
  await api.ask('DELETE', `${collection}/two`);
  await expectEvents(stream, 'ADDED one', 'ADDED two', 'MODIFIED one', 'DELETED two');
});

test('from a version it tells what came after it, each change once', async () => {
  const api = await startShop();
  await api.make(configMapOf('before'));
  const version = await versionNow(api);
  await api.make(configMapOf('missed'));
  await api.ask('DELETE', `${collection}/before`);
  const stream = await api.open(`${collection}?watch=1&resourceVersion=${version}`);
  await expectEvents(stream, 'ADDED missed', 'DELETED before');
  await api.make(configMapOf('later'));
  await expectEvents(stream, 'ADDED missed', 'DELETED before', 'ADDED later');
  const versions = stream
    .events()
    .map(({ object }) => Number(stringAt(object, 'metadata', 'resourceVersion')));
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  expect(versions[0]).toBeGreaterThan(Number(version));
});

test('of one kind, one namespace and one name it tells nothing else', async () => {
  const api = await startShop();
  await api.make(namespaceOf('other'));
  const all = await api.open('/api/v1/configmaps?watch=1');
  const one = await api.open(`${collection}?watch=true&fieldSelector=metadata.name%3Done`);
  await api.make(configMapOf('one', {}, { namespace: 'other' }), configMapOf('two'), configMapOf('one'));
  await expectEvents(all, 'ADDED one', 'ADDED two', 'ADDED one');
  await expectEvents(one, 'ADDED one');
});

test('an object that begins or ceases to fit the selector comes and goes, also while nobody listened', async () => {
  const api = await startShop();
  await api.make(configMapOf('one'), configMapOf('two', {}, { labels: { app: 'web' } }));
  const version = await versionNow(api);
  const live = await api.open(`${collection}?watch=1&labelSelector=app%3Dweb`);
  await expectEvents(live, 'ADDED two');
  await label(api, 'one', 'web');
  await label(api, 'two', null);
  await expectEvents(live, 'ADDED two', 'ADDED one', 'DELETED two');
  const late = await api.open(`${collection}?watch=1&labelSelector=app%3Dweb&resourceVersion=${version}`);
  await expectEvents(late, 'ADDED one', 'DELETED two');
});

test('a write that changes nothing is told to nobody', async () => {
  const api = await startShop();
  await api.make(configMapOf('one', {}, { labels: { app: 'web' } }));
  const stream = await api.open(`${collection}?watch=1&resourceVersion=${await versionNow(api)}`);
  await label(api, 'one', 'web');
  await label(api, 'one', 'db');
  await expectEvents(stream, 'MODIFIED one');
});

test('a version that is too old, or of another life of this cluster, is refused with 410', async () => {
  const { ask, emulator } = await startShop();
  const { store } = emulator;
  const metadata = { name: 'busy', namespace: 'shop', uid: '', resourceVersion: '', creationTimestamp: '' };
  store.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  for (let n = 0; n < 10_001; n += 1)
    store.update(configMaps, 'shop', 'busy', (object) => void (object['data'] = { n: String(n) }));
  for (const version of ['1', String(store.version() + 1)]) {
    expect(await ask('GET', `${collection}?watch=1&resourceVersion=${version}`)).toMatchObject({
      status: 410,
      body: { reason: 'Expired', message: expect.stringContaining('too old resource version') },
    });
  }
});

test('bookmarks bring the newest version to whoever asked for them, and the stream ends in time', async () => {
  const api = await startShop();
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const asked = await api.open(`${collection}?watch=1&allowWatchBookmarks=true&timeoutSeconds=20`);
  const plain = await api.open(`${collection}?watch=1&timeoutSeconds=20`);
  vi.advanceTimersByTime(16_000);
  vi.useRealTimers();
  await expectEvents(asked, 'BOOKMARK');
  expect(asked.events()[0]).toMatchObject({
    object: { kind: 'ConfigMap', metadata: { resourceVersion: String(api.emulator.store.version()) } },
  });
  expect(told(plain)).toEqual([]);
});

test('a stream ends after the time that was asked for', async () => {
  const api = await startShop();
  const stream = await api.open(`${collection}?watch=1&allowWatchBookmarks=true&timeoutSeconds=0.05`);
  await until('its end', () => stream.hasEnded());
  expect(told(stream)).toEqual(['BOOKMARK']);
});

test('a stream that has ended sends nothing more, however long its reader takes', async () => {
  const { emulator, make } = await startShop();
  const unread = new ServerResponse(new IncomingMessage(new Socket()));
  const faults: Error[] = [];
  unread.on('error', (error) => faults.push(error));
  const target = { resource: configMaps, namespace: 'shop', name: undefined, subresource: undefined };
  streamChanges(emulator, target, new URLSearchParams('timeoutSeconds=0.01'), unread, false);
  await until('its end', () => unread.writableEnded);
  await make(configMapOf('late'));
  await new Promise(setImmediate);
  expect(faults).toEqual([]);
});

test('whoever leaves is forgotten', async () => {
  const { emulator, open } = await startShop();
  const { follow } = emulator.store;
  let listening = 0;
  vi.spyOn(emulator.store, 'follow').mockImplementation((listener) => {
    const leave = follow(listener);
    listening += 1;
    return () => {
      listening -= 1;
      leave();
    };
  });
  const stream = await open(`${collection}?watch=1`);
  expect(listening).toBe(1);
  stream.leave();
  await until('nobody listens', () => listening === 0);
});

test('whoever watches a table gets a row for each change', async () => {
  const { open, make } = await startShop();
  await make(configMapOf('one', { a: '1' }));
  const stream = await open(`${collection}?watch=1`, { accept: 'application/json;as=Table' });
  const cells = () => stream.events().map(({ object }) => at(objectsAt(object, 'rows')[0], 'cells'));
  await until('a row', () => stream.events().length === 1);
  await make(configMapOf('two'));
  await until('another row', () => stream.events().length === 2);
  expect(cells()).toEqual([
    ['one', 1, expect.any(String)],
    ['two', 0, expect.any(String)],
  ]);
});

const spoilt = async (effect: StreamFault['effect']) => {
  const api = await startShop();
  await api.make(configMapOf('one'));
  const stream = await api.open(`${collection}?watch=1`);
  const plain = await api.open(`${collection}?watch=1`);
  await expectEvents(stream, 'ADDED one');
  await expectEvents(plain, 'ADDED one');
  const fault = api.emulator.faults.injectInStream({
    resource: 'configmaps',
    namespace: 'shop',
    times: 1,
    effect,
  });
  await label(api, 'one', 'web');
  await api.make(configMapOf('two'));
  // The first of the two streams meets it, and only once.
  await expectEvents(plain, 'ADDED one', 'MODIFIED one', 'ADDED two');
  expect(fault.met()).toBe(1);
  return stream;
};

test('a stream may tell an event twice, or after the next one', async () => {
  await expectEvents(await spoilt('duplicate'), 'ADDED one', 'MODIFIED one', 'MODIFIED one', 'ADDED two');
  await expectEvents(await spoilt('late'), 'ADDED one', 'ADDED two', 'MODIFIED one');
});

test('a stream may tell once more how an object was before', async () => {
  const stream = await spoilt('stale');
  await expectEvents(stream, 'ADDED one', 'MODIFIED one', 'MODIFIED one', 'ADDED two');
  const apps = stream.events().map(({ object }) => at(object, 'metadata', 'labels', 'app'));
  expect(apps).toEqual([undefined, 'web', undefined, undefined]);
});

test('a stream that falls silent stays open; one that is dropped or expires ends', async () => {
  const silent = await spoilt('silence');
  expect([told(silent), silent.hasEnded()]).toEqual([['ADDED one'], false]);
  const dropped = await spoilt('drop');
  await until('its end', () => dropped.hasEnded());
  expect(told(dropped)).toEqual(['ADDED one']);
  const expired = await spoilt('expire');
  await until('its end', () => expired.hasEnded());
  expect(expired.events().at(-1)).toMatchObject({ type: 'ERROR', object: { code: 410 } });
});
