import { expect, test } from 'vitest';
import type { BeforeTry, Cluster } from './cluster.ts';
import { guardCluster } from './guard-cluster.ts';
import { parseKubeObject } from './kube-object.ts';

const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'b' } };
const object = parseKubeObject({ metadata: { name: 'a', uid: 'u', resourceVersion: '1' } });

/** Tries each call twice, as the real one does after a cut connection. */
const createTwice = () => {
  const sent: string[] = [];
  const twice = async (name: string, beforeTry?: BeforeTry) => {
    for (let n = 0; n < 2; n += 1) {
      await beforeTry?.();
      sent.push(name);
    }
    return object;
  };
  const cluster: Cluster = {
    apply: (_, _signal, beforeTry) => twice('apply', beforeTry),
    create: (_, _signal, beforeTry) => twice('create', beforeTry),
    get: () => twice('get'),
    delete: async (_, _uid, _signal, beforeTry) => void (await twice('delete', beforeTry)),
    exec: async () => {
      sent.push('exec');
      return { exitCode: 0, stderr: '' };
    },
    logs: async () => [],
    events: async () => [],
    watch: {
      start: async () => undefined,
      stop: () => undefined,
      find: () => undefined,
      list: () => [],
      isFresh: () => true,
      until: async () => Promise.reject(new Error('not asked here')),
    },
    callTimeoutMs: 1234,
  };
  return { cluster, sent };
};

const calls: [string, string[], (cluster: Cluster) => Promise<unknown>][] = [
  ['apply', ['write', 'write'], (cluster) => cluster.apply(manifest)],
  ['create', ['write', 'write'], (cluster) => cluster.create(manifest)],
  ['delete', ['delete', 'delete'], (cluster) => cluster.delete({ kind: 'ConfigMap', name: 'a' }, 'u')],
  [
    'exec',
    ['exec'],
    (cluster) =>
      cluster.exec({
        namespace: 'b',
        pod: 'p',
        container: 'c',
        command: ['true'],
        signal: new AbortController().signal,
        onLine: () => undefined,
      }),
  ],
];

test.each(calls)('%s asks before each try, and says how long one may take', async (_, expected, call) => {
  const { cluster } = createTwice();
  const asked: string[] = [];
  const guarded = guardCluster(cluster, async (kind, timeoutMs) => {
    expect(timeoutMs).toBe(1234);
    asked.push(kind);
  });
  await call(guarded);
  expect(asked).toEqual(expected);
});

test.each(calls)('%s sends nothing when the guard refuses', async (_, _expected, call) => {
  const { cluster, sent } = createTwice();
  const guarded = guardCluster(cluster, async () => {
    throw new Error('The lease is gone');
  });
  await expect(call(guarded)).rejects.toThrow('The lease is gone');
  expect(sent).toEqual([]);
});

test('reads ask nobody', async () => {
  const { cluster, sent } = createTwice();
  const guarded = guardCluster(cluster, async () => {
    throw new Error('The lease is gone');
  });
  await guarded.get({ kind: 'ConfigMap', name: 'a' });
  expect(sent).toEqual(['get', 'get']);
});
