import type { RequestListener, ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../testing/until.ts';
import { KubeStatusError, toPlatformError } from './kube-error.ts';
import { createKubeHttp, readText, type KubeCall, type KubeHttpOptions } from './kube-http.ts';
import { readBody, startScriptedApi } from './testing/scripted-api.ts';

const ok = (response: ServerResponse) => response.end('{"fine":true}');
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end(JSON.stringify({ reason: 'Because', message: `It is ${code}` }));
const cut = (response: ServerResponse) => response.destroy();

/** Answers in that order; the last one for ever. Nobody waits between tries, and each wait is noted. */
const useHttp = async (
  answers: ((response: ServerResponse) => unknown)[] | RequestListener,
  options: KubeHttpOptions = {},
) => {
  let next = 0;
  const api = await startScriptedApi(
    typeof answers === 'function'
      ? answers
      : (_, response) => void answers[Math.min(next++, answers.length - 1)]?.(response),
  );
  const waits: number[] = [];
  const http = await createKubeHttp(api.endpoint, { wait: async (ms) => void waits.push(ms), ...options });
  onTestFinished(() => http.close());
  return { ...api, http, waits };
};

const read: KubeCall = { method: 'GET', path: '/api/v1/pods', repeatable: true };
const write: KubeCall = { method: 'POST', path: '/api/v1/things', body: { a: 1 }, repeatable: false };

test('sends the body, its type and the token', async () => {
  const seen: unknown[] = [];
  const { http } = await useHttp((request, response) => {
    void readBody(request).then((body) => {
      seen.push(body, request.headers['content-type'], request.headers['authorization']);
      response.end('{}');
    });
  });
  await http.call({ ...write, contentType: 'application/apply-patch+yaml' });
  expect(seen).toEqual(['{"a":1}', 'application/apply-patch+yaml', 'Bearer of-the-test']);
});

test.each([
  ['a 500', status(500)],
  ['a 503', status(503)],
  ['a cut connection', cut],
])('tries again after %s what may happen twice', async (_, fault) => {
  const { http, asked } = await useHttp([fault, fault, ok]);
  expect(await http.call(read)).toEqual({ fine: true });
  expect(asked).toHaveLength(3);
});

test.each([
  ['a 500', status(500)],
  ['a cut connection', cut],
])('does not repeat after %s what must not happen twice', async (_, fault) => {
  const { http, asked } = await useHttp([fault, ok]);
  await expect(http.call(write)).rejects.toThrow();
  expect(asked).toHaveLength(1);
});

test.each([400, 403, 404, 409, 422])('takes a %d as the answer that it is', async (code) => {
  const { http, asked } = await useHttp([status(code), ok]);
  await expect(http.call(read)).rejects.toMatchObject({ status: code, reason: 'Because' });
  expect(asked).toHaveLength(1);
});

test('waits as long as a 429 asks, whatever the call', async () => {
  const { http, waits } = await useHttp([status(429, { 'retry-after': '7' }), ok]);
  await http.call(write);
  expect(waits).toEqual([7000]);
});

test('never waits longer than half a minute, whatever a 429 asks', async () => {
  const { http, waits } = await useHttp([status(429, { 'retry-after': '86400' }), ok]);
  await http.call(read);
  expect(waits).toEqual([30_000]);
});

test('waits longer each time, and gives up after four tries', async () => {
  const { http, asked, waits } = await useHttp([status(500)]);
  await expect(http.call(read)).rejects.toBeInstanceOf(KubeStatusError);
  expect(asked).toHaveLength(4);
  waits.forEach((ms, tried) => {
    expect(ms).toBeGreaterThanOrEqual(125 * 2 ** tried);
    expect(ms).toBeLessThanOrEqual(375 * 2 ** tried);
  });
});

test('gives up a call that hangs, and calls it a cluster that does not answer', async () => {
  const { http, asked } = await useHttp([() => undefined], { callTimeoutMs: 30 });
  const error = await http.call(read).catch(toPlatformError);
  expect(error).toMatchObject({ code: 'cluster_away', retryable: true });
  expect(asked).toHaveLength(4);
});

test('gives up an answer that stops in its middle', async () => {
  const { http } = await useHttp([(response) => response.write('{"half":'), ok], { callTimeoutMs: 50 });
  expect(await http.call(read)).toEqual({ fine: true });
});

test('ends at once when it is aborted, with the reason', async () => {
  const aborting = new AbortController();
  const { http, asked } = await useHttp(() => aborting.abort(new Error('cancelled')));
  await expect(http.call({ ...read, signal: aborting.signal })).rejects.toThrow('cancelled');
  expect(asked).toHaveLength(1);
});

test('asks before each try, and ends when it may no longer', async () => {
  let left = 2;
  const beforeTry = async () => {
    left -= 1;
    if (left < 0) throw new Error('The lease is gone');
  };
  const { http, asked } = await useHttp([status(500)]);
  await expect(http.call({ ...read, beforeTry })).rejects.toThrow('The lease is gone');
  expect(asked).toHaveLength(2);
});

test('a stream that does not begin is given up; one that has begun goes on for as long as it is read', async () => {
  const streams: ServerResponse[] = [];
  const { http } = await useHttp(
    [
      () => undefined,
      (response) => {
        response.flushHeaders();
        streams.push(response);
      },
    ],
    { callTimeoutMs: 40 },
  );
  const never = new AbortController().signal;
  const error = await http.open('/api/v1/pods?watch=1', never).catch(toPlatformError);
  expect(error).toMatchObject({ code: 'cluster_away' });

  const response = await http.open('/api/v1/pods?watch=1', never);
  const begun = performance.now();
  await until('three times the time of a call', () => performance.now() - begun > 120);
  streams[0]?.end('still here');
  expect(await readText(response)).toBe('still here');
});

test('a stream that is refused says why, and when to come again; one that is aborted says the reason', async () => {
  const { http } = await useHttp([status(429, { 'retry-after': '3' })]);
  const refused = http.open('/x', new AbortController().signal);
  await expect(refused).rejects.toMatchObject({ status: 429, retryAfterSeconds: 3 });
  await expect(http.open('/x', AbortSignal.abort(new Error('it stopped')))).rejects.toThrow('it stopped');
});

test('a call that may take longer is given longer', async () => {
  const { http, asked } = await useHttp(
    (_, response) => void setTimeout(() => response.end('{"fine":true}'), 80),
    { callTimeoutMs: 20 },
  );
  expect(await http.call({ ...read, timeoutMs: 5000 })).toEqual({ fine: true });
  expect(asked).toHaveLength(1);
});

test('keeps its connections', async () => {
  const ports = new Set<number | undefined>();
  const { http } = await useHttp((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('{}');
  });
  for (let n = 0; n < 5; n += 1) await http.call(read);
  expect(ports.size).toBe(1);
});

test('counts what it sends, repetitions included', async () => {
  const { http } = await useHttp([status(500), ok]);
  await http.call(read);
  await http.call(write);
  expect(http.counts()).toEqual({ GET: 2, POST: 1 });
});
