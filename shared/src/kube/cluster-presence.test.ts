import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { PlatformError } from '../contract/problem.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { createClusterPresence } from './cluster-presence.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const useCluster = () => {
  const cluster = { error: undefined as unknown, isFresh: true, asked: 0 };
  const {
    presence,
    heard: gotAnswer,
    stop,
  } = createClusterPresence({
    ask: async () => {
      cluster.asked += 1;
      if (cluster.error) throw cluster.error;
    },
    isFresh: () => cluster.isFresh,
    logger: silentLogger,
    timing: { lookEveryMs: 1000, pausesMs: [1000, 2000, 4000] },
    // By the clock that the test moves.
    wait: (ms, _, { signal }) =>
      new Promise((resolve, reject) => {
        setTimeout(resolve, ms);
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      }),
  });
  onTestFinished(stop);
  const heard: (string | undefined)[] = [];
  presence.onChange((absence) => heard.push(absence?.message));
  return { cluster, presence, heard, gotAnswer };
};
const away = () => new PlatformError('cluster_away', 'Kubernetes does not answer.');
const never = new AbortController().signal;
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

it('a cluster whose watch is alive is asked nothing', async () => {
  const { cluster, presence } = useCluster();
  await pass(3600);
  expect([cluster.asked, presence.absence()]).toEqual([0, undefined]);
});

it('one that does not answer twice is away, is asked ever more rarely, and is back when it answers', async () => {
  const { cluster, presence, heard } = useCluster();
  Object.assign(cluster, { error: away(), isFresh: false });
  await pass(1);
  expect([cluster.asked, heard]).toEqual([1, []]);
  await pass(1);
  expect([cluster.asked, heard]).toEqual([2, ['Kubernetes does not answer.']]);
  expect(presence.absence()?.code).toBe('cluster_away');
  await pass(600);
  expect(cluster.asked).toBeLessThan(155);
  Object.assign(cluster, { error: undefined, isFresh: true });
  await pass(4);
  expect([presence.absence(), heard]).toEqual([undefined, ['Kubernetes does not answer.', undefined]]);
});

it('whoever got no answer waits for it, any number of them by the same question', async () => {
  const { cluster, presence } = useCluster();
  Object.assign(cluster, { error: away(), isFresh: false });
  const waiting = Promise.all(
    Array.from({ length: 200 }, () => presence.untilThere(new AbortController().signal)),
  );
  await pass(3);
  expect(cluster.asked).toBe(3);
  cluster.error = undefined;
  await pass(4);
  expect(new Set(await waiting)).toEqual(new Set([true]));
});

it('an answer that somebody else got ends every wait at once', async () => {
  const { cluster, presence, heard, gotAnswer } = useCluster();
  Object.assign(cluster, { error: away(), isFresh: false });
  const waiting = presence.untilThere(never);
  await pass(2);
  const { asked } = cluster;
  gotAnswer();
  expect(await waiting).toBe(true);
  expect([cluster.asked, presence.absence(), heard]).toEqual([
    asked,
    undefined,
    ['Kubernetes does not answer.', undefined],
  ]);
});

it('one call that failed in a cluster that answers was no absence', async () => {
  const { cluster, presence } = useCluster();
  expect(await presence.untilThere(never)).toBe(false);
  cluster.error = new PlatformError('cluster_forbidden', 'It may not get namespaces.');
  expect(await presence.untilThere(never)).toBe(false);
});

it('one that is back already was away all the same when its watch has not begun again', async () => {
  const { cluster, presence } = useCluster();
  cluster.isFresh = false;
  expect(await presence.untilThere(never)).toBe(true);
});

it('credentials that are refused are an absence, too: somebody may renew them', async () => {
  const { cluster, heard } = useCluster();
  Object.assign(cluster, { error: new PlatformError('cluster_unauthenticated', 'Refused.'), isFresh: false });
  await pass(3);
  expect(heard).toEqual(['Refused.']);
});

it('waiting ends with its signal', async () => {
  const { cluster, presence } = useCluster();
  cluster.error = away();
  const claim = new AbortController();
  const waiting = presence.untilThere(claim.signal);
  claim.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
});
