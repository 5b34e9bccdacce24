import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Logger } from '../log/logger.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { until } from '../testing/until.ts';
import { createClusterWatch, type WatchTiming } from './cluster-watch.ts';
import { createKubeHttp } from './kube-http.ts';
import { startScriptedApi } from './testing/scripted-api.ts';

const pod = (name: string, version: number, namespace = 'store-a') => ({
  metadata: { name, namespace, uid: name, resourceVersion: String(version) },
});

/** An API whose pods the test owns; the other kinds have none. Streams stay open until the test ends them. */
const useWatch = async ({
  timing = { staleAfterMs: 60_000, restartAfterMs: 1 },
  refuseStreams = () => 0,
  retryAfter,
  endStreams = () => false,
  refuseLists = () => 0,
  logger = silentLogger,
}: {
  timing?: WatchTiming;
  refuseStreams?: () => number;
  retryAfter?: string;
  /** Whether a stream ends in good order as soon as it has begun. */
  endStreams?: () => boolean;
  refuseLists?: () => number;
  logger?: Logger;
} = {}) => {
  let listed: { version: number; items: object[] } = { version: 10, items: [] };
  const streams: ServerResponse[] = [];
  const ofPods: URLSearchParams[] = [];
  const api = await startScriptedApi((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://api');
    const pods = pathname === '/api/v1/pods';
    if (pods) ofPods.push(searchParams);
    if (!searchParams.has('watch')) {
      const refusal = pods ? refuseLists() : 0;
      if (refusal) {
        response.writeHead(refusal).end('{}');
        return;
      }
      const items = pods ? listed.items : [];
      response.end(JSON.stringify({ metadata: { resourceVersion: String(listed.version) }, items }));
      return;
    }
    const refusal = pods ? refuseStreams() : 0;
    if (refusal) {
      response.writeHead(refusal, retryAfter ? { 'retry-after': retryAfter } : {}).end('{}');
      return;
    }
    if (pods && endStreams()) {
      response.end();
      return;
    }
    response.flushHeaders();
    if (pods) streams.push(response);
  });
  const http = await createKubeHttp(api.endpoint);
  const watch = createClusterWatch({ http, installationId: 'inst-1', logger, timing });
  onTestFinished(() => {
    watch.stop();
    http.close();
  });
  const stream = (nth: number) => until(`stream ${nth}`, () => streams[nth]);
  return {
    watch,
    ofPods,
    list: (version: number, ...items: object[]) => {
      listed = { version, items };
    },
    stream,
    send: async (nth: number, type: string, object: object) =>
      (await stream(nth)).write(`${JSON.stringify({ type, object })}\n`),
    sees: (name: string, version: number) =>
      until(
        `${name} at ${version}`,
        () => watch.find('Pod', 'store-a', name)?.metadata.resourceVersion === String(version),
      ),
    lists: () => ofPods.filter((query) => !query.has('watch')).length,
  };
};

const never = new AbortController().signal;

test('knows what is there, and what changes', async () => {
  const { watch, list, send, sees } = await useWatch();
  list(10, pod('one', 7));
  await watch.start();
  expect(watch.list('Pod', 'store-a')).toHaveLength(1);
  expect(watch.isFresh()).toBe(true);
  await send(0, 'ADDED', pod('two', 11));
  await send(0, 'MODIFIED', pod('one', 12));
  await sees('one', 12);
  await send(0, 'DELETED', pod('two', 13));
  await until('two gone', () => watch.find('Pod', 'store-a', 'two') === undefined);
});

test('asks for the objects of this installation alone', async () => {
  const { watch, ofPods, stream } = await useWatch();
  await watch.start();
  await stream(0);
  for (const query of ofPods) {
    expect(query.get('labelSelector')).toBe(
      'app.kubernetes.io/managed-by=store-platform,store-platform.dev/installation=inst-1',
    );
  }
});

test('a wait ends with the change that it waits for, and changes elsewhere do not wake it', async () => {
  const { watch, send, sees } = await useWatch();
  await watch.start();
  let looks = 0;
  const found = watch.until(
    'store-a',
    () => {
      looks += 1;
      return watch.find('Pod', 'store-a', 'one')?.metadata.uid;
    },
    never,
  );
  await send(0, 'ADDED', pod('other', 11, 'store-b'));
  await send(0, 'ADDED', pod('one', 12));
  expect(await found).toBe('one');
  await sees('one', 12);
  expect(looks).toBe(2);
});

test('a dropped stream goes on where it was, bookmarks included', async () => {
  const { watch, send, stream, sees, ofPods, lists } = await useWatch();
  await watch.start();
  await send(0, 'ADDED', pod('one', 11));
  await sees('one', 11);
  await send(0, 'BOOKMARK', { metadata: { resourceVersion: '42' } });
  await send(0, 'ADDED', pod('two', 43));
  await sees('two', 43);
  (await stream(0)).destroy();
  await stream(1);
  expect(ofPods.at(-1)?.get('resourceVersion')).toBe('43');
  expect(lists()).toBe(1);
});

test.each([
  ['as an event', async ({ send }: Awaited<ReturnType<typeof useWatch>>) => send(0, 'ERROR', { code: 410 })],
  [
    'by ending in good order',
    async ({ stream }: Awaited<ReturnType<typeof useWatch>>) => (await stream(0)).end(),
  ],
])('a stream that says that it cannot go on, %s, lists anew and so finds what was lost', async (_, end) => {
  const used = await useWatch();
  await used.watch.start();
  await used.stream(0);
  used.list(99, pod('lost', 50));
  await end(used);
  await used.sees('lost', 50);
  await used.stream(1);
  expect(used.ofPods.at(-1)?.get('resourceVersion')).toBe('99');
});

test('a version that the server no longer knows lists anew', async () => {
  let gone = true;
  const used = await useWatch({
    refuseStreams: () => {
      const refusal = gone ? 410 : 0;
      gone = false;
      return refusal;
    },
  });
  await used.watch.start();
  await used.stream(0);
  expect(used.lists()).toBe(2);
});

test('an event that nobody understands is left behind by a new list, and not asked for again and again', async () => {
  const used = await useWatch();
  await used.watch.start();
  await used.stream(0);
  used.list(99, pod('lost', 50));
  await used.send(0, 'PUZZLE', pod('one', 11));
  await used.sees('lost', 50);
  await used.stream(1);
  expect(used.ofPods.at(-1)?.get('resourceVersion')).toBe('99');
});

test('streams that are ended before they say anything bring ever rarer lists, no storm of them', async () => {
  const restartAfterMs = 20;
  const used = await useWatch({ timing: { staleAfterMs: 60_000, restartAfterMs }, endStreams: () => true });
  const begun = performance.now();
  await used.watch.start();
  await until('the fifth list', () => used.lists() >= 5);
  // Rests of 2, 4, 8 and 8 times the first one, each with half of its length as jitter: without them it would take 4 times.
  expect(performance.now() - begun).toBeGreaterThanOrEqual(0.5 * restartAfterMs * (2 + 4 + 8 + 8));
});

test('a server that asks for time before the next stream gets it', async () => {
  let asked = 0;
  const used = await useWatch({
    refuseStreams: () => (asked++ === 0 ? 429 : 0),
    retryAfter: '1',
  });
  await used.watch.start();
  await until('the refusal', () => asked === 1);
  const refusedAt = performance.now();
  await used.stream(0);
  expect(performance.now() - refusedAt).toBeGreaterThan(950);
  expect(used.lists()).toBe(1);
});

test('the streams of a worker do not all end in one moment', async () => {
  const used = await useWatch({ endStreams: () => used.lists() < 4 });
  await used.watch.start();
  await used.stream(0);
  const seconds = used.ofPods.flatMap((query) => query.get('timeoutSeconds') ?? []).map(Number);
  expect(new Set(seconds).size).toBeGreaterThan(1);
  for (const each of seconds) expect(each).toBeGreaterThanOrEqual(300);
});

test('a stream that falls silent is started anew from a list', async () => {
  const used = await useWatch({ timing: { staleAfterMs: 40, restartAfterMs: 1 } });
  await used.watch.start();
  used.list(99, pod('lost', 50));
  await used.sees('lost', 50);
  expect(used.lists()).toBeGreaterThan(1);
});

test('says that it is not fresh while a stream cannot be had, and is fresh again afterwards', async () => {
  let down = true;
  const { watch } = await useWatch({ refuseStreams: () => (down ? 503 : 0) });
  await watch.start();
  await until('stale', () => !watch.isFresh());
  down = false;
  await until('fresh', () => watch.isFresh());
  expect(watch.list('Pod')).toEqual([]);
});

test('a list that is refused ends the start, is told once, and goes on as soon as it is allowed', async () => {
  let refused = true;
  const warn = vi.fn();
  const { watch, lists } = await useWatch({
    refuseLists: () => (refused ? 403 : 0),
    logger: Object.assign(Object.create(silentLogger), { warn }),
  });
  await expect(watch.start()).rejects.toMatchObject({ status: 403 });
  await until('it was refused again', () => lists() >= 3);
  expect(warn.mock.calls).toEqual([
    [expect.objectContaining({ kind: 'Pod' }), 'Kubernetes refuses a watch; stages that need it wait'],
  ]);
  refused = false;
  await until('it is fresh', () => watch.isFresh());
});

test('a stream that can not be opened again is not alive for a moment in between', async () => {
  let down = false;
  const { watch, stream, ofPods } = await useWatch({ refuseStreams: () => (down ? 503 : 0) });
  await watch.start();
  const first = await stream(0);
  down = true;
  first.destroy();
  await until('stale', () => !watch.isFresh());
  const seen: boolean[] = [];
  const asked = ofPods.length;
  await until('it was tried often', () => {
    seen.push(watch.isFresh());
    return ofPods.length > asked + 5;
  });
  expect(new Set(seen)).toEqual(new Set([false]));
});

test('a wait ends when it is aborted, and says why', async () => {
  const { watch } = await useWatch();
  await watch.start();
  const aborting = new AbortController();
  const waiting = watch.until('store-a', () => undefined, aborting.signal);
  aborting.abort('cancelled');
  await expect(waiting).rejects.toMatchObject({ cause: 'cancelled' });
});

test('a wait fails with what its look throws', async () => {
  const { watch, send } = await useWatch();
  await watch.start();
  const waiting = watch.until(
    'store-a',
    () => {
      if (watch.find('Pod', 'store-a', 'one')) throw new Error('It crashed');
    },
    never,
  );
  await Promise.all([expect(waiting).rejects.toThrow('It crashed'), send(0, 'ADDED', pod('one', 11))]);
});
