import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@store-platform/shared/testing/until';
import { expect, test } from 'vitest';
import { at, isJsonObject, numberAt, objectsAt, stringAt, type JsonObject } from '../objects/json.ts';
import type { KubeObject } from '../objects/object-store.ts';
import {
  configMaps,
  deployments,
  endpoints,
  endpointSlices,
  events,
  namespaces,
  persistentVolumeClaims,
  pods,
  replicaSets,
  resourceQuotas,
  secrets,
  services,
  storageClasses,
} from '../objects/resources.ts';
import { createFakeRuntime } from '../testing/fake-runtime.ts';
import { startTestCluster, makeTestFolder, type TestCluster } from '../testing/test-cluster.ts';

const figures = { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '500m', memory: '512Mi' } };

const deploymentOf = (pod: JsonObject, replicas = 1): JsonObject => ({
  spec: {
    replicas,
    selector: { matchLabels: { app: 'mysql' } },
    template: { metadata: { labels: { app: 'mysql' } }, spec: pod },
  },
});

const mysql = (changes: JsonObject = {}): JsonObject => ({
  containers: [{ name: 'mysql', image: 'mysql:8.0', resources: figures, ...changes }],
});

const withClaim: JsonObject = {
  ...mysql({ volumeMounts: [{ name: 'data', mountPath: '/var/lib/mysql' }] }),
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'mysql-data' } }],
};

const claim: JsonObject = { spec: { resources: { requests: { storage: '5Gi' } } } };

const isReady = (deployment: KubeObject) => numberAt(deployment, 'status', 'readyReplicas') === 1;
const isReadyPod = (pod: KubeObject) =>
  objectsAt(pod, 'status', 'conditions').some(({ type, status }) => type === 'Ready' && status === 'True');
const waitingReason = (pod: KubeObject | undefined) =>
  stringAt(objectsAt(pod, 'status', 'containerStatuses')[0], 'state', 'waiting', 'reason');

const reasonsIn = ({ store }: TestCluster) =>
  store.list(events, 'shop').map((event) => String(event['reason']));

test('a deployment becomes ready through a replica set and a pod, which tells how it came about', async () => {
  const runtime = createFakeRuntime();
  const cluster = await startTestCluster(runtime);
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(mysql()));

  const ready = await cluster.see('ready', deployments, isReady);
  expect(ready).toMatchObject({
    status: { replicas: 1, updatedReplicas: 1, availableReplicas: 1, observedGeneration: 1 },
  });
  const [pod] = cluster.store.list(pods, 'shop');
  expect(pod?.metadata.ownerReferences?.[0]?.kind).toBe('ReplicaSet');
  expect(runtime.running.get(pod?.metadata.uid ?? '')?.app).toBe('mysql');
  expect(reasonsIn(cluster)).toEqual(expect.arrayContaining(['SuccessfulCreate', 'Scheduled', 'Started']));
  expect(cluster.controllers.findPod('shop', pod?.metadata.name ?? '')?.placed()?.uid).toBe(
    pod?.metadata.uid,
  );
});

test('a pod that runs is not ready before its runtime says so', async () => {
  const runtime = createFakeRuntime();
  runtime.holdBack('mysql');
  const cluster = await startTestCluster(runtime);
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(mysql()));

  const pod = await cluster.see('runs', pods, (seen) => stringAt(seen, 'status', 'phase') === 'Running');
  expect(isReadyPod(pod)).toBe(false);
  expect(cluster.store.get(deployments, 'shop', 'mysql')).toMatchObject({ status: { readyReplicas: 0 } });
});

test('a pod whose start takes its time is ready as soon as its runtime says so', async () => {
  const runtime = { ...createFakeRuntime(), startsByItself: async () => {} };
  const cluster = await startTestCluster(runtime, { readyAfterMs: 600_000 });
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(mysql()));
  expect(await cluster.see('ready', deployments, isReady)).toBeDefined();
});

test('a deleted pod stops and is replaced by another one, which does not wait for it', async () => {
  const runtime = createFakeRuntime();
  const cluster = await startTestCluster(runtime);
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(mysql()));
  const first = await cluster.see('first', pods, isReadyPod);

  cluster.store.update(pods, 'shop', first.metadata.name, ({ metadata }) => {
    metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
  });

  const second = await cluster.see(
    'second',
    pods,
    (pod) => pod.metadata.uid !== first.metadata.uid && isReadyPod(pod),
  );
  await until('the first has gone', () => runtime.running.size === 1);
  expect([...runtime.running.keys()]).toEqual([second.metadata.uid]);
  expect(runtime.mostAtOnce()).toBe(2);
});

test('a new template takes the old pod away before its own starts', async () => {
  const runtime = createFakeRuntime();
  const cluster = await startTestCluster(runtime);
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(mysql()));
  await cluster.see('first', deployments, isReady);

  cluster.store.update(deployments, 'shop', 'mysql', (object) => {
    object['spec'] = deploymentOf(mysql({ image: 'mysql:8.4' }))['spec'];
  });

  const pod = await cluster.see(
    'the new image',
    pods,
    (seen) => isReadyPod(seen) && objectsAt(seen, 'spec', 'containers')[0]?.['image'] === 'mysql:8.4',
  );
  expect([...runtime.running.keys()]).toEqual([pod.metadata.uid]);
  expect(runtime.mostAtOnce()).toBe(1);
  await cluster.see('observed', deployments, (seen) => numberAt(seen, 'status', 'observedGeneration') === 2);
});

test('a pod that the quota refuses shows as ReplicaFailure, is tried again calmly, and starts when there is room', async () => {
  const cluster = await startTestCluster(createFakeRuntime());
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(resourceQuotas, { name: 'small' }, { spec: { hard: { 'limits.memory': '128Mi' } } });
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(mysql()));

  const refused = (object: KubeObject) =>
    objectsAt(object, 'status', 'conditions').find(({ type }) => type === 'ReplicaFailure');
  const deployment = await cluster.see('refused', deployments, (object) => refused(object) !== undefined);
  expect(refused(deployment)?.['message']).toContain(
    'exceeded quota: small, requested: limits.memory=512Mi, used: limits.memory=0, limited: limits.memory=128Mi',
  );
  await until('the second try', () => countOf(cluster, 'FailedCreate') >= 2);
  expect(cluster.store.version(), 'versions used by two tries').toBeLessThan(30);

  cluster.store.update(resourceQuotas, 'shop', 'small', (quota) => {
    quota['spec'] = { hard: { 'limits.memory': '1Gi' } };
  });
  expect(refused(await cluster.see('room', deployments, isReady))).toBeUndefined();
  expect(cluster.store.get(resourceQuotas, 'shop', 'small')).toMatchObject({
    status: { used: { 'limits.memory': '512Mi' } },
  });
});

const countOf = ({ store }: TestCluster, reason: string): number =>
  store
    .list(events, 'shop')
    .filter((event) => event['reason'] === reason)
    .reduce((sum, event) => sum + Number(event['count']), 0);

test('with a quota on cpu, a pod that says nothing of cpu is refused in the words of a real cluster', async () => {
  const cluster = await startTestCluster(createFakeRuntime());
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(resourceQuotas, { name: 'small' }, { spec: { hard: { 'requests.cpu': '1' } } });
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(mysql({ resources: {} })));
  const set = await cluster.see(
    'refused',
    replicaSets,
    (seen) => objectsAt(seen, 'status', 'conditions').length > 0,
  );
  expect(objectsAt(set, 'status', 'conditions')).toEqual([
    {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: `pods "${set.metadata.name}-" is forbidden: failed quota: small: must specify requests.cpu for: mysql`,
    },
  ]);
  expect(cluster.store.list(pods, 'shop')).toEqual([]);
});

test('a replica set has the labels of its pods, whatever its deployment is labelled', async () => {
  const cluster = await startTestCluster(createFakeRuntime());
  cluster.make(namespaces, { name: 'shop' });
  const spec = deploymentOf(mysql());
  const template = at(spec, 'spec', 'template', 'metadata');
  if (isJsonObject(template)) template['annotations'] = { restarted: 'now' };
  cluster.make(deployments, { name: 'mysql', labels: { team: 'database' } }, spec);
  const pod = await cluster.see('a pod', pods, isReadyPod);
  const [set] = cluster.store.list(replicaSets, 'shop');
  const hash = set?.metadata.labels?.['pod-template-hash'] ?? '';
  expect(set?.metadata.labels).toEqual({ app: 'mysql', 'pod-template-hash': hash });
  expect(at(set, 'spec', 'selector', 'matchLabels')).toEqual({ app: 'mysql', 'pod-template-hash': hash });
  expect(pod.metadata.labels).toEqual({ app: 'mysql', 'pod-template-hash': hash });
  expect(pod.metadata.annotations).toEqual({ restarted: 'now' });
});

test('a container that ends twice is in CrashLoopBackOff, keeps its last words, and is not started in a tight loop', async () => {
  const runtime = createFakeRuntime();
  runtime.crash('mysql', 'no space left');
  const cluster = await startTestCluster(runtime);
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(mysql()));

  const pod = await cluster.see('crashed', pods, (seen) => waitingReason(seen) === 'CrashLoopBackOff');
  expect(objectsAt(pod, 'status', 'containerStatuses')[0]).toMatchObject({
    restartCount: 1,
    state: { waiting: { message: expect.stringContaining('back-off 1s restarting failed container=mysql') } },
    lastState: { terminated: { exitCode: 1, reason: 'Error' } },
  });
  const found = cluster.controllers.findPod('shop', pod.metadata.name);
  for (const previous of [false, true])
    expect(found?.log('mysql', previous)?.lines()).toEqual([
      expect.objectContaining({ text: 'no space left' }),
    ]);
  runtime.crash('mysql', undefined);
  const crashedAt = performance.now();
  const running = await cluster.see('it runs', pods, isReadyPod);
  expect(performance.now() - crashedAt, 'milliseconds to the next start').toBeGreaterThan(500);
  expect(runtime.starts).toHaveLength(3);
  expect(objectsAt(running, 'status', 'containerStatuses')[0]).toMatchObject({ restartCount: 2 });
});

test('an image that is not there is named, and nothing starts', async () => {
  const runtime = createFakeRuntime();
  const cluster = await startTestCluster(runtime);
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(mysql({ image: 'mysql:does-not-exist' })));

  const tried = await cluster.see('tried', pods, (seen) => waitingReason(seen) === 'ErrImagePull');
  expect(JSON.stringify(tried['status'])).toContain('docker.io/library/mysql:does-not-exist: not found');
  await cluster.see('waits', pods, (seen) => waitingReason(seen) === 'ImagePullBackOff');
  expect(runtime.starts).toEqual([]);
});

test('a pod waits for its Secret and its ConfigMap, then sees them as environment and as files', async () => {
  const runtime = createFakeRuntime();
  const cluster = await startTestCluster(runtime);
  cluster.make(namespaces, { name: 'shop' });
  const secretRef = { valueFrom: { secretKeyRef: { name: 'credentials', key: 'admin-password' } } };
  const container = mysql({
    env: [
      { name: 'PASSWORD', ...secretRef },
      { name: 'PLAIN', value: 'text' },
    ],
    volumeMounts: [{ name: 'recipe', mountPath: '/recipe' }],
  });
  const volumes = [{ name: 'recipe', configMap: { name: 'recipe' } }];
  cluster.make(deployments, { name: 'mysql' }, deploymentOf({ ...container, volumes }));
  const told = await cluster.see('waits', events, ({ reason }) => reason === 'FailedMount');
  expect(told['message']).toBe('MountVolume.SetUp failed for volume "recipe" : configmap "recipe" not found');
  expect(waitingReason(cluster.store.list(pods, 'shop')[0])).toBe('ContainerCreating');

  cluster.make(configMaps, { name: 'recipe' }, { data: { 'recipe.json': '{"name":"$(X)"}' } });
  const pod = await cluster.see(
    'waits still',
    pods,
    (seen) => waitingReason(seen) === 'CreateContainerConfigError',
  );
  expect(JSON.stringify(pod['status'])).toContain('secret \\"credentials\\" not found');
  cluster.make(secrets, { name: 'credentials' }, { data: { 'admin-password': btoa('pass') } });

  await cluster.see('starts', pods, isReadyPod);
  const [placed] = [...runtime.running.values()].flatMap(({ containers }) => containers);
  expect(placed?.env).toEqual({ PASSWORD: 'pass', PLAIN: 'text' });
  expect(readFileSync(join(placed?.mounts['/recipe'] ?? '', 'recipe.json'), 'utf8')).toBe('{"name":"$(X)"}');
});

test('a claim stays pending until a pod mounts it, then it is bound', async () => {
  const runtime = createFakeRuntime();
  const cluster = await startTestCluster(runtime);
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(persistentVolumeClaims, { name: 'mysql-data' }, claim);
  cluster.make(deployments, { name: 'other' }, deploymentOf(mysql()));
  await cluster.see('other', pods, isReadyPod);
  expect(cluster.store.get(persistentVolumeClaims, 'shop', 'mysql-data')).toMatchObject({
    status: { phase: 'Pending' },
  });

  cluster.make(deployments, { name: 'mysql' }, deploymentOf(withClaim));
  const bound = await cluster.see(
    'bound',
    persistentVolumeClaims,
    (seen) => stringAt(seen, 'status', 'phase') === 'Bound',
  );
  expect(stringAt(bound, 'spec', 'volumeName')).toBe(`pvc-${bound.metadata.uid}`);
});

test('without a default class a claim that names none is told so, and its pod gets no node', async () => {
  const cluster = await startTestCluster(createFakeRuntime());
  cluster.store.remove(storageClasses, undefined, 'standard');
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(persistentVolumeClaims, { name: 'mysql-data' }, claim);
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(withClaim));
  const told = await cluster.see('told', events, ({ reason }) => reason === 'FailedBinding');
  expect(told).toMatchObject({
    type: 'Normal',
    message: 'no persistent volumes available for this claim and no storage class is set',
  });
  const pod = await cluster.see('waits', pods, (seen) => objectsAt(seen, 'status', 'conditions').length > 0);
  expect(objectsAt(pod, 'status', 'conditions')[0]).toMatchObject({ reason: 'Unschedulable' });
});

test('a namespace that goes takes its pods, its objects and its claims’ folders with it', async () => {
  const runtime = createFakeRuntime();
  const cluster = await startTestCluster(runtime);
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(persistentVolumeClaims, { name: 'mysql-data' }, claim);
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(withClaim));
  await cluster.see('ready', deployments, isReady);
  expect(readdirSync(join(cluster.claimsDir, 'shop'))).toHaveLength(1);

  cluster.store.remove(namespaces, undefined, 'shop');

  await until('it is gone', () => cluster.store.get(namespaces, undefined, 'shop') === undefined);
  expect(runtime.running.size).toBe(0);
  for (const resource of [pods, replicaSets, deployments, events, persistentVolumeClaims])
    expect(cluster.store.list(resource, 'shop')).toEqual([]);
  await until('its folder is gone', () => !existsSync(join(cluster.claimsDir, 'shop')));
});

test('a stuck finalizer keeps the namespace Terminating, named in its conditions, until it is taken off', async () => {
  const cluster = await startTestCluster(createFakeRuntime());
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(configMaps, { name: 'held', finalizers: ['example.com/held'] });
  cluster.store.remove(namespaces, undefined, 'shop');

  const stuck = await cluster.see('stuck', namespaces, (seen) =>
    JSON.stringify(seen['status']).includes('example.com/held'),
  );
  expect(stuck).toMatchObject({ status: { phase: 'Terminating' } });

  cluster.store.update(configMaps, 'shop', 'held', ({ metadata }) => {
    metadata.finalizers = [];
  });
  await until('it is gone', () => cluster.store.get(namespaces, undefined, 'shop') === undefined);
});

test('after a restart the pods run again on the same claims', async () => {
  const folder = await makeTestFolder();
  const before = createFakeRuntime();
  const cluster = await startTestCluster(before, { folder });
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(persistentVolumeClaims, { name: 'mysql-data' }, claim);
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(withClaim));
  await cluster.see('ready', deployments, isReady);
  const dataFolder = before.starts[0]?.containers[0]?.mounts['/var/lib/mysql'] ?? '';
  writeFileSync(join(dataFolder, 'order'), 'one');
  await cluster.stop();
  expect(before.running.size).toBe(0);

  const after = createFakeRuntime();
  const again = await startTestCluster(after, { folder });
  await until('it runs again', () => after.running.size === 1);
  const placed = after.starts[0];
  expect(placed?.uid).toBe(before.starts[0]?.uid);
  expect(readFileSync(join(placed?.containers[0]?.mounts['/var/lib/mysql'] ?? '', 'order'), 'utf8')).toBe(
    'one',
  );
  await again.see('ready', deployments, isReady);
  expect(again.store.list(pods, 'shop')).toHaveLength(1);
});

test('a service lists the ready pods that it selects as endpoints', async () => {
  const runtime = createFakeRuntime();
  const cluster = await startTestCluster(runtime);
  cluster.make(namespaces, { name: 'shop' });
  cluster.make(
    services,
    { name: 'mysql-service' },
    { spec: { selector: { app: 'mysql' }, ports: [{ name: 'mysql', port: 3306 }] } },
  );
  const of = () => cluster.store.get(endpoints, 'shop', 'mysql-service');
  cluster.make(deployments, { name: 'mysql' }, deploymentOf(mysql()));
  await until('one endpoint', () => objectsAt(of(), 'subsets').length === 1);
  expect(at(objectsAt(of(), 'subsets')[0], 'ports')).toEqual([
    { name: 'mysql', port: 3306, protocol: 'TCP' },
  ]);

  const slice = () => cluster.store.get(endpointSlices, 'shop', 'mysql-service');
  expect(slice()?.metadata.labels).toEqual({ 'kubernetes.io/service-name': 'mysql-service' });
  expect(objectsAt(slice(), 'endpoints')).toEqual([expect.objectContaining({ addresses: ['127.0.0.1'] })]);

  cluster.store.remove(deployments, 'shop', 'mysql');
  await until('none', () => objectsAt(of(), 'subsets').length === 0);
  expect(objectsAt(slice(), 'endpoints')).toEqual([]);
});
