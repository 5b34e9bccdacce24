import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreRuntime } from '@store-platform/shared/config/settings';
import { expect, test } from 'vitest';
import type { PackagesState } from '../packages/package-source.ts';
import { createFakeRuntime } from '../testing/fake-runtime.ts';
import { makeTestFolder } from '../testing/test-cluster.ts';
import { chooseRuntime } from './choose-runtime.ts';
import { createPodLog } from './pod-log.ts';
import type { PlacedPod } from './pod-runtime.ts';
import type { DecidedRuntime } from './runtime-memory.ts';

const folder = { wordpress: '/w', woocommerce: '/c', storefront: '/s', sqlite: '/q' };
const there: PackagesState = { kind: 'there', folder };
const missing: PackagesState = {
  kind: 'missing',
  message: 'wordpress.org cannot be reached.',
  hint: 'Look.',
};

const setUp = (setting: StoreRuntime, first: PackagesState, { isInstalled = true } = {}) => {
  let state = first;
  const listeners = new Set<(state: PackagesState) => void>();
  const remembered = new Map<string, DecidedRuntime>();
  const laidOut = new Set<string>();
  const [standIn, wordpress] = [createFakeRuntime(), createFakeRuntime()];
  const runtime = chooseRuntime({
    setting,
    standIn,
    wordpress: isInstalled ? { ...wordpress, needsArchives: ({ uid }) => !laidOut.has(uid) } : undefined,
    packagesOf: () => ({
      state: () => state,
      onChange: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      stop: async () => {},
    }),
    memory: {
      of: (namespace) => remembered.get(namespace),
      remember: (namespace, decided) => void remembered.set(namespace, decided),
      whenDecided: (namespace, _signal, call) => {
        const decided = remembered.get(namespace);
        if (decided) call(decided);
      },
    },
  });
  const become = (next: PackagesState) => {
    state = next;
    for (const listener of listeners) listener(next);
  };
  const told: string[] = [];
  const pull = (pod: PlacedPod, signal = new AbortController().signal) =>
    runtime.pull?.(pod, { tell: (message) => void told.push(message), signal });
  /** @returns who ran it */
  const begin = async (pod: PlacedPod) => {
    await pull(pod);
    const log = createPodLog();
    const container = pod.containers[0] ?? pod.initContainers[0];
    if (!container) throw new Error('A pod without containers');
    const end = await runtime.run(pod, container, {
      log,
      signal: AbortSignal.abort(),
      onAsleep: () => {},
    });
    const by = standIn.starts.includes(pod)
      ? 'stand-in'
      : wordpress.starts.includes(pod)
        ? 'wordpress'
        : `nobody: ${log.lines().at(-1)?.text} (${end.exitCode})`;
    return by;
  };
  return { runtime, remembered, laidOut, listeners, told, become, pull, begin };
};

const podOf = (namespace: string, app = 'woocommerce', mounts: Record<string, string> = {}): PlacedPod => ({
  namespace,
  name: `${app}-1`,
  uid: `${namespace}-${app}`,
  app,
  containers: [{ name: 'main', image: 'wordpress:6.4-apache', command: [], env: {}, mounts }],
  initContainers: [],
});

test('a store is real when the archives are there, and a stand-in when they cannot be had', async () => {
  const real = setUp('auto', there);
  expect([await real.begin(podOf('a')), await real.begin(podOf('b'))]).toEqual(['wordpress', 'wordpress']);
  expect(await setUp('auto', missing).begin(podOf('a'))).toBe('stand-in');
  expect(await setUp('auto', there, { isInstalled: false }).begin(podOf('a'))).toBe('stand-in');
});

test('what was decided for a store holds, whatever comes later', async () => {
  const { become, begin, remembered } = setUp('auto', missing);
  await begin(podOf('early'));
  become(there);
  expect(await begin(podOf('late'))).toBe('wordpress');
  expect(await begin(podOf('early'))).toBe('stand-in');
  become(missing);
  expect(await begin(podOf('late'))).toBe('wordpress');
  expect([...remembered]).toEqual([
    ['early', 'stand-in'],
    ['late', 'wordpress'],
  ]);
});

test('also when the setting is another one by now', async () => {
  const { begin, remembered } = setUp('stand-in', there);
  remembered.set('real', 'wordpress');
  expect([await begin(podOf('real')), await begin(podOf('new'))]).toEqual(['wordpress', 'stand-in']);
});

test('a stand-in of before anything was remembered stays one', async () => {
  const html = join(await makeTestFolder(), 'html');
  await mkdir(html);
  await writeFile(join(html, 'stand-in-shop.json'), '{}');
  const { begin } = setUp('wordpress', there);
  expect(await begin(podOf('old', 'woocommerce', { '/var/www/html': html }))).toBe('stand-in');
});

test('a pod waits while it is found out, and while the archives come, and says how far they are', async () => {
  const { become, begin, told, listeners, remembered } = setUp('auto', { kind: 'looking' });
  const begun = begin(podOf('a'));
  expect(remembered.size).toBe(0);
  become({ kind: 'coming', message: '1 of 31 MB' });
  await Promise.resolve();
  await Promise.resolve();
  expect(remembered.get('a')).toBe('wordpress');
  become({ kind: 'coming', message: '12 of 31 MB' });
  become(there);
  expect(await begun).toBe('wordpress');
  expect(told).toEqual(['1 of 31 MB', '12 of 31 MB']);
  expect(listeners.size).toBe(0);
});

test('a pod that goes meanwhile waits no more', async () => {
  const { pull, listeners } = setUp('wordpress', { kind: 'looking' });
  const going = new AbortController();
  const pulled = pull(podOf('a'), going.signal);
  going.abort(new Error('gone'));
  await expect(pulled).rejects.toThrow('gone');
  expect(listeners.size).toBe(0);
});

test('a shop that was laid out already waits for no archive', async () => {
  const { begin, laidOut } = setUp('wordpress', { kind: 'coming', message: '1 of 31 MB' });
  laidOut.add(podOf('a').uid);
  expect(await begin(podOf('a'))).toBe('wordpress');
});

test('a shop that must be real where nothing can run it says so, as its last words', async () => {
  expect(await setUp('wordpress', there, { isInstalled: false }).begin(podOf('a'))).toMatch(
    /^nobody: What runs real shops is not installed\. Install it: npm install --include=optional/,
  );
});

test('every pod that is no shop is the stand-in’s, and waits for nothing', async () => {
  const { begin, remembered } = setUp('wordpress', { kind: 'looking' });
  expect(await begin(podOf('a', 'mysql'))).toBe('stand-in');
  expect(remembered.size).toBe(0);
});

test('a start takes its time by itself in a real shop, and is played for a stand-in', async () => {
  const { runtime, begin, become } = setUp('auto', there);
  await begin(podOf('real'));
  become(missing);
  await begin(podOf('other'));
  const started: string[] = [];
  const signal = new AbortController().signal;
  for (const name of ['real', 'other'])
    void runtime.startsByItself?.(podOf(name, 'mysql'), signal).then(() => started.push(name));
  await Promise.resolve();
  expect(started).toEqual(['real']);
});
