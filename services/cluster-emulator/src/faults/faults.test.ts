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
  expect(emulator.faults.take('GET', 'configmaps')).toBeUndefined();
  // What `npm start` runs holds no word of them.
  expect(readFileSync(new URL('../main.ts', import.meta.url), 'utf8')).not.toMatch(/fault/i);
});

test('two faults for one request come one after the other', () => {
  const faults = createFaults();
  faults.inject({ resource: 'pods', times: 1, effect: { kind: 'cut' } });
  faults.inject({ method: 'GET', times: 1, effect: { kind: 'hang' } });
  expect(faults.take('GET', 'pods')).toEqual({ kind: 'cut' });
  expect(faults.take('GET', 'pods')).toEqual({ kind: 'hang' });
  expect(faults.take('GET', 'pods')).toBeUndefined();
});
