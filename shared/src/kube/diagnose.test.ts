import { describe, expect, test } from 'vitest';
import { diagnose } from './diagnose.ts';
import { parseKubeObject } from './kube-object.ts';

const object = (name: string, status: object, metadata: object = {}) =>
  parseKubeObject({ metadata: { name, uid: `uid-${name}`, resourceVersion: '1', ...metadata }, status });

const waiting = (reason: string, message = '', more: object = {}) =>
  object('mysql-1', {
    containerStatuses: [{ name: 'mysql', restartCount: 0, state: { waiting: { reason, message } }, ...more }],
  });
const crashing = (restartCount: number, terminated: object) =>
  waiting('CrashLoopBackOff', 'back-off', { restartCount, lastState: { terminated } });
const refusing = (message: string) =>
  object('mysql-rs', { conditions: [{ type: 'ReplicaFailure', status: 'True', message }] });

const ofPod = (pod: ReturnType<typeof object>) => diagnose({ pods: [pod], replicaSets: [] });

test('nothing is wrong with pods that start, run or are not there yet', () => {
  expect(diagnose({ pods: [], replicaSets: [] })).toBeUndefined();
  expect(ofPod(object('mysql-1', {}))).toBeUndefined();
  expect(ofPod(waiting('ContainerCreating'))).toBeUndefined();
  expect(ofPod(waiting('PodInitializing'))).toBeUndefined();
  const running = { containerStatuses: [{ name: 'mysql', state: { running: { startedAt: 'now' } } }] };
  expect(ofPod(object('mysql-1', running))).toBeUndefined();
});

describe('images', () => {
  test.each([
    ['InvalidImageName', 'couldn’t parse image reference', false],
    ['ErrImageNeverPull', 'not present with pull policy of Never', false],
    ['ErrImagePull', 'manifest for mysql:8.0.99 not found: manifest unknown', false],
    ['ErrImagePull', 'pull access denied, repository does not exist or may require authorization', false],
    ['ErrImagePull', 'dial tcp: i/o timeout', true],
    ['ImagePullBackOff', 'Back-off pulling image "mysql:8.0"', true],
  ])('%s "%s": can heal %s', (reason, message, canHeal) => {
    expect(ofPod(waiting(reason, message))).toMatchObject({
      code: 'image_pull_failed',
      message: `mysql: ${message}`,
      canHeal,
    });
  });
});

test('a crash loop can heal at first, as while its database starts, and not after four restarts', () => {
  const end = { reason: 'Error', exitCode: 3 };
  expect(ofPod(crashing(3, end))).toMatchObject({ code: 'crash_loop', canHeal: true });
  expect(ofPod(crashing(4, end))).toMatchObject({
    code: 'crash_loop',
    canHeal: false,
    message: 'mysql ended 4 times, last with Error (exit code 3).',
    log: { pod: 'mysql-1', container: 'mysql' },
  });
});

test('a container that was killed for its memory is said to be so, also while it runs again', () => {
  const lastState = { terminated: { reason: 'OOMKilled', exitCode: 137 } };
  const status = { containerStatuses: [{ name: 'mysql', state: { running: {} }, lastState }] };
  expect(ofPod(object('mysql-1', status))?.message).toContain('ran out of memory');
  expect(ofPod(crashing(2, lastState.terminated))?.message).toContain('OOMKilled');
});

test('an init container that crashes is found before the containers that wait for it', () => {
  const pod = object('woocommerce-1', {
    initContainerStatuses: [
      { name: 'packages', restartCount: 5, state: { waiting: { reason: 'CrashLoopBackOff' } } },
    ],
    containerStatuses: [{ name: 'wordpress', state: { waiting: { reason: 'PodInitializing' } } }],
  });
  expect(ofPod(pod)).toMatchObject({ canHeal: false, log: { container: 'packages' } });
});

test('a pod that no node takes may still find one', () => {
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
  };
  expect(ofPod(object('mysql-1', { conditions: [condition] }))).toMatchObject({
    code: 'unschedulable',
    canHeal: true,
    message: expect.stringContaining('unbound immediate PersistentVolumeClaims'),
  });
});

test('a configuration that a container cannot have is told with the words of Kubernetes', () => {
  expect(ofPod(waiting('CreateContainerConfigError', 'secret "store-credentials" not found'))).toMatchObject({
    code: 'cluster_rejected',
    message: 'mysql: secret "store-credentials" not found',
  });
});

test('a refused pod shows on its replica set: by quota, or for another reason', () => {
  const quota = refusing('pods "mysql-1" is forbidden: exceeded quota: store-quota');
  expect(diagnose({ pods: [], replicaSets: [quota] })).toMatchObject({
    code: 'quota_exceeded',
    canHeal: false,
  });
  const policy = refusing('violates PodSecurity "baseline"');
  expect(diagnose({ pods: [], replicaSets: [policy] })).toMatchObject({
    code: 'cluster_rejected',
    canHeal: false,
  });
});

test('a pod on its way out says nothing about the one that comes', () => {
  const status = {
    containerStatuses: [{ name: 'mysql', state: { waiting: { reason: 'InvalidImageName' } } }],
  };
  expect(ofPod(object('mysql-1', status, { deletionTimestamp: '2026-11-24T00:00:00Z' }))).toBeUndefined();
});

test('a claim whose volume is gone cannot heal; one that is not bound yet is no trouble', () => {
  const claim = (phase: string) =>
    diagnose({ pods: [], replicaSets: [], claims: [object('mysql-data', { phase })] });
  expect(claim('Lost')).toMatchObject({ canHeal: false, message: expect.stringContaining('mysql-data') });
  expect(claim('Pending')).toBeUndefined();
});
