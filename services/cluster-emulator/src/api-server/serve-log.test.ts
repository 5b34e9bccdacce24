import { until } from '@store-platform/shared/testing/until';
import { expect, test } from 'vitest';
import { createPodLog } from '../pod-runtime/pod-log.ts';
import { createFakeRuntime } from '../testing/fake-runtime.ts';
import { configMapOf, namespaceOf, podOf, runPod, startTestApi } from '../testing/test-api.ts';

const path = '/api/v1/namespaces/shop/pods/web/log';

const startWithLog = async () => {
  const runtime = createFakeRuntime();
  const api = await startTestApi({ runtime });
  await runPod(api);
  const log = runtime.logOf('web');
  if (!log) throw new Error('The pod has no log');
  return { ...api, log };
};

test('shows what a container has said, whole or its last lines, with the time of each if asked', async () => {
  const { ask, log } = await startWithLog();
  for (const line of ['one', 'two', 'three']) log.write(line);
  expect(await ask('GET', path)).toMatchObject({ status: 200, text: 'one\ntwo\nthree\n' });
  expect((await ask('GET', `${path}?tailLines=2&container=main`)).text).toBe('two\nthree\n');
  expect((await ask('GET', `${path}?tailLines=9`)).text).toBe('one\ntwo\nthree\n');
  expect((await ask('GET', `${path}?tailLines=0`)).text).toBe('');
  expect((await ask('GET', `${path}?tailLines=1&timestamps=true`)).text).toMatch(
    /^\d{4}-\d\d-\d\dT[\d:.]+Z three\n$/,
  );
});

test('a followed log goes on until the container ends', async () => {
  const { open, log } = await startWithLog();
  log.write('before');
  const stream = await open(`${path}?follow=true`);
  log.write('after');
  await until('both lines', () => stream.text() === 'before\nafter\n');
  expect(stream.hasEnded()).toBe(false);
  log.end();
  await until('its end', () => stream.hasEnded());
});

test('a log that has ended is followed no longer', async () => {
  const { open, log } = await startWithLog();
  log.write('last words');
  log.end();
  const stream = await open(`${path}?follow=true`);
  await until('its end', () => stream.hasEnded());
  expect(stream.text()).toBe('last words\n');
});

test.each([
  [
    'a container that the pod does not have',
    `${path}?container=nope`,
    400,
    'container nope is not valid for pod web',
  ],
  ['a container before its last start', `${path}?previous=true`, 400, 'previous terminated container "main"'],
  ['a pod that is gone', '/api/v1/namespaces/shop/pods/gone/log', 404, 'pods "gone" not found'],
])('the log of %s is refused', async (_what, asked, status, words) => {
  const { ask } = await startWithLog();
  expect(await ask('GET', asked)).toMatchObject({
    status,
    body: { message: expect.stringContaining(words) },
  });
});

test('a pod with two containers asks which one, and one that waits has nothing to show', async () => {
  const { ask, make } = await startTestApi({ runtime: createFakeRuntime() });
  const containers = ['one', 'two'].map((name) => ({
    name,
    image: name,
    env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'later', key: 'a' } } }],
  }));
  await make(namespaceOf('shop'), { ...podOf('web'), spec: { containers } });
  const messageOf = async (query: string) => (await ask('GET', `${path}${query}`)).text;
  expect(await messageOf('')).toContain(
    'a container name must be specified for pod web, choose one of: [one two]',
  );
  expect(await messageOf('?container=two')).toContain('is waiting to start');
  await make(configMapOf('later', { a: '1' }));
});

test('keeps the last 500 lines', () => {
  const log = createPodLog();
  for (let n = 1; n <= 501; n += 1) log.write(String(n));
  expect(log.lines()).toHaveLength(500);
  expect([log.lines()[0]?.text, log.lines().at(-1)?.text]).toEqual(['2', '501']);
});
