import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configMapOf, namespaceOf, startTestApi, type TestApi } from '../testing/test-api.ts';
import { createFaults, type Fault } from './faults.ts';

const collection = '/api/v1/namespaces/shop/configmaps';
const status: Fault['effect'] = {
  kind: 'status',
  code: 503,
  reason: 'ServiceUnavailable',
  message: 'not now',
};

const startShop = async (): Promise<TestApi> => {
  const api = await startTestApi();
  await api.make(namespaceOf('shop'));
  return api;
};

test('a fault meets its verb and its resource, so many times, and nobody else', async () => {
  const { ask, emulator } = await startShop();
  emulator.faults.inject({ method: 'GET', resource: 'configmaps', times: 2, effect: status });
  const codes = async (...asked: [string, string][]) =>
    Promise.all(asked.map(async ([method, path]) => (await ask(method, path, {})).status));
  expect(await codes(['GET', '/api/v1/secrets'], ['DELETE', `${collection}/none`])).toEqual([200, 404]);
  expect([
    await codes(['GET', collection]),
    await codes(['GET', collection]),
    await codes(['GET', collection]),
  ]).toEqual([[503], [503], [200]]);
});

test('without verb and resource it meets the next request, whatever it is; cleared, it meets none', async () => {
  const { ask, emulator } = await startShop();
  emulator.faults.inject({ times: 1, effect: status });
  expect((await ask('GET', '/version')).status).toBe(503);
  emulator.faults.inject({ times: 1, effect: status });
  emulator.faults.clear();
  expect((await ask('GET', '/version')).status).toBe(200);
});

test('a status says what it was told to, and when to come again', async () => {
  const { ask, emulator } = await startShop();
  const effect = { ...status, code: 429, reason: 'TooManyRequests', retryAfterSeconds: 7 };
  emulator.faults.inject({ times: 1, effect });
  expect(await ask('GET', collection)).toMatchObject({
    status: 429,
    headers: { 'retry-after': '7' },
    body: { kind: 'Status', reason: 'TooManyRequests', message: 'not now' },
  });
});

test('what is cut never happened; what loses its answer did', async () => {
  const { ask, emulator } = await startShop();
  const create = (name: string) => ask('POST', collection, configMapOf(name));
  emulator.faults.inject({ method: 'POST', times: 1, effect: { kind: 'cut' } });
  await expect(create('cut')).rejects.toThrow();
  emulator.faults.inject({ method: 'POST', times: 1, effect: { kind: 'answer lost' } });
  await expect(create('lost')).rejects.toThrow();
  expect((await ask('GET', `${collection}/cut`)).status).toBe(404);
  expect((await ask('GET', `${collection}/lost`)).status).toBe(200);
});

test('what is delayed comes later, and what hangs never, while others are served', async () => {
  const { ask, open, emulator } = await startShop();
  emulator.faults.inject({
    method: 'GET',
    resource: 'configmaps',
    times: 1,
    effect: { kind: 'delay', ms: 150 },
  });
  const begun = performance.now();
  const delayed = ask('GET', collection).then(() => performance.now() - begun);
  expect((await ask('GET', '/version')).status).toBe(200);
  expect(await delayed).toBeGreaterThanOrEqual(149);

  emulator.faults.inject({ method: 'GET', resource: 'configmaps', times: 1, effect: { kind: 'hang' } });
  let answered = false;
  open(collection).then(
    () => (answered = true),
    () => undefined,
  );
  for (let n = 0; n < 3; n += 1) expect((await ask('GET', '/version')).status).toBe(200);
  expect(answered).toBe(false);
});

test('a watch has a verb of its own', async () => {
  const { ask, emulator } = await startShop();
  emulator.faults.inject({ method: 'WATCH', resource: 'configmaps', times: 1, effect: status });
  expect((await ask('GET', collection)).status).toBe(200);
  expect((await ask('GET', `${collection}?watch=1`)).status).toBe(503);
});

test('no request opens a door to the faults, and no setting does', async () => {
  const { ask, emulator } = await startShop();
  for (const path of ['/faults', '/apis/faults', '/api/v1/faults', '/debug/faults'])
    for (const method of ['GET', 'POST', 'PUT'])
      expect((await ask(method, path, { times: 1, effect: status })).status).toBeGreaterThanOrEqual(404);
  expect(emulator.faults.isWaiting()).toBe(false);
  // What `npm start` runs holds no word of them.
  expect(readFileSync(new URL('../main.ts', import.meta.url), 'utf8')).not.toMatch(/fault/i);
});

test('two faults for one request come one after the other', () => {
  const faults = createFaults();
  faults.inject({ resource: 'pods', times: 1, effect: { kind: 'cut' } });
  faults.inject({ method: 'GET', times: 1, effect: { kind: 'hang' } });
  const ask = () => faults.take({ method: 'GET', resource: 'pods' });
  expect(ask()).toEqual({ kind: 'cut' });
  expect(ask()).toEqual({ kind: 'hang' });
  expect(ask()).toBeUndefined();
});

test('a fault of one namespace meets nobody else, also where the namespace is only about to be made', async () => {
  const { ask, make, emulator } = await startShop();
  const made = emulator.faults.inject({ method: 'POST', namespace: 'mine', times: 1, effect: status });
  const read = emulator.faults.inject({ namespace: 'shop', name: 'one', times: 2, effect: status });
  await make(namespaceOf('theirs'), configMapOf('one'));
  expect((await ask('GET', `${collection}/two`)).status).toBe(404);
  expect((await ask('POST', '/api/v1/namespaces', namespaceOf('mine'))).status).toBe(503);
  expect((await ask('GET', `${collection}/one`)).status).toBe(503);
  expect([made.met(), read.met()]).toEqual([1, 1]);
  expect((await ask('POST', '/api/v1/namespaces', namespaceOf('mine'))).status).toBe(201);
});
