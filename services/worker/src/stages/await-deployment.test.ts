import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseKubeObject, type KubeObject } from '@store-platform/shared/kube/kube-object';
import { until } from '@store-platform/shared/testing/until';
import { createFakeCluster, type FakeCluster, type FakeClusterOptions } from '../testing/fake-cluster.ts';
import { runStage, sampleLabels } from '../testing/run-stage.ts';
import { isServing } from './await-deployment.ts';
import { mysql } from './mysql.ts';
import { wordpress } from './wordpress.ts';

const namespace = 'store-ab12cd34';
const ready = (observedGeneration: number) => ({
  status: { observedGeneration, updatedReplicas: 1, readyReplicas: 1 },
});

const setUp = (options?: FakeClusterOptions) => {
  const fake = createFakeCluster(options);
  fake.set({ kind: 'Namespace', name: namespace }, { metadata: { labels: sampleLabels() } });
  const becomeReady = (name: string, generation = 1) =>
    fake.set({ kind: 'Deployment', namespace, name }, ready(generation));
  /** A pod with one container that waits for the reason given. */
  const pod = (reason: string, message: string, { restartCount = 0, generation = 1, app = 'mysql' } = {}) =>
    fake.set(
      { kind: 'Pod', namespace, name: `${app}-x` },
      {
        metadata: { labels: { ...sampleLabels(generation), app } },
        status: {
          containerStatuses: [
            {
              name: app,
              image: `${app}:8.0`,
              restartCount,
              state: { waiting: { reason, message } },
              lastState: { terminated: { reason: 'Error', exitCode: 3 } },
            },
          ],
        },
      },
    );
  return { fake, becomeReady, pod };
};

describe.each([
  { stage: mysql, app: 'mysql', title: 'MySQL', kinds: ['Deployment mysql', 'Service mysql-service'] },
  {
    stage: wordpress,
    app: 'woocommerce',
    title: 'WordPress',
    kinds: ['ConfigMap store-recipe', 'Deployment woocommerce', 'Service woocommerce-service'],
  },
])('the stage $stage.name', ({ stage, app, title, kinds }) => {
  it('applies its objects, says that it starts, and is done when its deployment is ready', async () => {
    const { fake, becomeReady } = setUp();
    const { done, notes } = runStage(stage, { cluster: fake.cluster });
    await until('it waits', () => notes.length > 0);
    expect(fake.calls).toEqual(kinds.map((kind) => `apply ${kind}`));
    becomeReady(app);
    await done;
    expect(notes).toEqual([`info: ${title} is starting: 0/1 ready.`]);
  });

  it('run twice changes nothing the second time', async () => {
    const { fake, becomeReady } = setUp();
    const first = runStage(stage, { cluster: fake.cluster });
    await until('it waits', () => first.notes.length > 0);
    becomeReady(app);
    await first.done;
    const before = fake.versions();
    const again = runStage(stage, { cluster: fake.cluster });
    await again.done;
    expect([fake.versions(), again.notes]).toEqual([before, []]);
  });
});

describe('a deployment that is awaited', () => {
  it('is not ready by what the watch remembers of an older one', async () => {
    const { fake, becomeReady } = setUp();
    fake.set({ kind: 'Deployment', namespace, name: 'mysql' }, { ...ready(1), spec: { replicas: 1 } });
    fake.holdWatch();
    fake.remove('Deployment', 'mysql');
    const { done, notes } = runStage(mysql, { cluster: fake.cluster });
    await until('it waits', () => notes.length > 0);
    becomeReady('mysql');
    fake.catchUp();
    await expect(done).resolves.toBeUndefined();
  });

  it('is not ready before its controller has seen what was applied last', async () => {
    const { fake, becomeReady } = setUp();
    fake.set({ kind: 'Deployment', namespace, name: 'mysql' }, { ...ready(1), spec: { replicas: 1 } });
    const { done, notes } = runStage(mysql, { cluster: fake.cluster });
    await until('it waits', () => notes.length > 0);
    expect(fake.find('Deployment', 'mysql')?.metadata.generation).toBe(2);
    becomeReady('mysql', 2);
    await done;
  });

  it('scaled to nothing is ready for Kubernetes, and no shop', () => {
    const deployment = setUp().fake.set(
      { kind: 'Deployment', namespace, name: 'mysql' },
      { spec: { replicas: 0 }, ...ready(1) },
    );
    expect(isServing(deployment)).toBe(false);
  });

  it('fails at once for what can not heal, with its code and Kubernetes’ own words', async () => {
    const { fake, pod } = setUp();
    const { done, notes } = runStage(mysql, { cluster: fake.cluster });
    await until('it waits', () => notes.length > 0);
    pod('ErrImagePull', 'mysql:8.0: manifest unknown');
    await expect(done).rejects.toMatchObject({
      code: 'image_pull_failed',
      message: 'The image mysql:8.0 does not exist: mysql:8.0: manifest unknown',
      hint: 'Correct its name, then retry.',
      retryable: false,
    });
  });

  it('tells each thing that may heal once, with what to do, however often Kubernetes alternates', async () => {
    const { fake, pod, becomeReady } = setUp();
    const { done, notes } = runStage(mysql, { cluster: fake.cluster });
    await until('it waits', () => notes.length === 1);
    for (let turn = 0; turn < 3; turn += 1) {
      pod('ErrImagePull', 'registry: i/o timeout');
      await until('it is told', () => notes.length === 2);
      pod('ImagePullBackOff', 'Back-off pulling image "mysql:8.0"');
    }
    becomeReady('mysql');
    await done;
    expect(notes).toEqual([
      'info: MySQL is starting: 0/1 ready.',
      "warning: The registry of mysql:8.0 does not answer the node: registry: i/o timeout. Check the registry, and the node's way to it.",
    ]);
  });

  it('does not take to heart the pods of an older generation, or of its sibling', async () => {
    const { fake, pod, becomeReady } = setUp();
    pod('InvalidImageName', 'of the past', { generation: 0 });
    pod('InvalidImageName', 'of WordPress', { app: 'woocommerce' });
    const { done, notes } = runStage(mysql, { cluster: fake.cluster });
    await until('it waits', () => notes.length > 0);
    becomeReady('mysql');
    await done;
    expect(notes).toEqual(['info: MySQL is starting: 0/1 ready.']);
  });

  it('that crashes is told with the last lines of its log, and fails with them when it does so again and again', async () => {
    let lines = ['Out of disk'];
    const { fake, pod } = setUp({ logs: async () => lines });
    pod('CrashLoopBackOff', '', { restartCount: 1 });
    const { done, notes } = runStage(mysql, { cluster: fake.cluster });
    await until('it is told', () => notes.length === 2);
    lines = ['Out of disk again'];
    pod('CrashLoopBackOff', '', { restartCount: 3 });
    await expect(done).rejects.toMatchObject({
      code: 'crash_loop',
      message: 'mysql ended 4 times, last with Error (exit code 3).',
      retryable: false,
    });
    expect(notes).toEqual([
      'warning: mysql ended 2 times, last with Error (exit code 3). Its last log lines are in the events.',
      'warning: Last lines of its log:\nOut of disk',
      'error: Last lines of its log:\nOut of disk again',
    ]);
  });

  it('that was started again and says nothing yet is explained by the log of the run before', async () => {
    const logs: FakeClusterOptions['logs'] = async ({ name, container, previous }, lines) =>
      previous ? [`${name}/${container}, ${lines} lines`] : [];
    const { fake, pod } = setUp({ logs });
    pod('CrashLoopBackOff', '', { restartCount: 3 });
    const { done, notes } = runStage(mysql, { cluster: fake.cluster });
    await expect(done).rejects.toMatchObject({ code: 'crash_loop' });
    expect(notes).toEqual(['error: Last lines of its log:\nmysql-x/mysql, 10 lines']);
  });

  it('that crashes fails for that reason although its log can not be had', async () => {
    const { fake, pod } = setUp({ logs: () => Promise.reject(new Error('gone')) });
    pod('CrashLoopBackOff', '', { restartCount: 3 });
    await expect(runStage(mysql, { cluster: fake.cluster }).done).rejects.toMatchObject({
      code: 'crash_loop',
    });
  });

  it('whose archive can not be fetched says so at once, and fails with those words after some tries', async () => {
    const words =
      'Could not fetch https://shop.example/woo.zip: curl: (6) Could not resolve host: shop.example';
    const { fake } = setUp({ logs: async () => [words] });
    const fails = (restartCount: number) =>
      fake.set(
        { kind: 'Pod', namespace, name: 'woocommerce-x' },
        {
          metadata: { labels: { ...sampleLabels(), app: 'woocommerce' } },
          status: {
            initContainerStatuses: [
              { name: 'packages', restartCount, state: { terminated: { reason: 'Error', exitCode: 22 } } },
            ],
          },
        },
      );
    const { done, notes } = runStage(wordpress, { cluster: fake.cluster });
    await until('it waits', () => notes.length === 1);
    fails(0);
    await until('it is told', () => notes.length === 2);
    fails(1);
    fails(3);
    await expect(done).rejects.toMatchObject({
      code: 'preparation_failed',
      message: words,
      retryable: false,
    });
    expect(notes[1]).toBe(
      `warning: ${words}. Check the address and the checksum of what the message names, and the cluster's way there.`,
    );
    expect(notes).toHaveLength(2);
  });

  it('is awaited no longer than its signal lasts', async () => {
    const { fake } = setUp();
    const claim = new AbortController();
    const { done, notes } = runStage(mysql, { cluster: fake.cluster, signal: claim.signal });
    await until('it waits', () => notes.length > 0);
    claim.abort('cancelled');
    await expect(done).rejects.toMatchObject({ cause: 'cancelled' });
  });
});

describe('what only Kubernetes’ events say', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const eventOf = (about: KubeObject, reason: string, message: string) =>
    parseKubeObject({
      metadata: { name: 'e', uid: 'e', resourceVersion: '1' },
      involvedObject: { uid: about.metadata.uid, fieldPath: 'spec.containers{mysql}' },
      reason,
      message,
    });
  const run = (...said: [about: (fake: FakeCluster) => KubeObject, reason: string, message: string][]) => {
    const events: KubeObject[] = [];
    const made = setUp({ events: async () => events });
    for (const [about, reason, message] of said) events.push(eventOf(about(made.fake), reason, message));
    const reads = () => made.fake.calls.filter((call) => call === 'list Event').length;
    return { ...made, ...runStage(mysql, { cluster: made.fake.cluster }), reads };
  };
  const labels = { ...sampleLabels(), app: 'mysql' };
  const claim = (fake: FakeCluster) =>
    fake.set(
      { kind: 'PersistentVolumeClaim', namespace, name: 'mysql-data' },
      { metadata: { labels }, status: { phase: 'Pending' } },
    );
  const running = (fake: FakeCluster) =>
    fake.set(
      { kind: 'Pod', namespace, name: 'mysql-x' },
      {
        metadata: { labels },
        status: { containerStatuses: [{ name: 'mysql', ready: false, state: { running: {} } }] },
      },
    );
  const wait = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

  it('is asked for when a start lasts, ever more rarely, and never of one that is quick', async () => {
    const { becomeReady, done, reads } = run();
    const after: number[] = [];
    for (const seconds of [4, 2, 8, 2, 18, 2, 60]) {
      await wait(seconds);
      after.push(reads());
    }
    expect(after).toEqual([0, 1, 1, 2, 2, 3, 4]);
    becomeReady('mysql');
    await done;
  });

  it('makes a claim that can have no volume fail within ten seconds', async () => {
    const { done, notes } = run([
      claim,
      'ProvisioningFailed',
      'storageclass.storage.k8s.io "fast" not found',
    ]);
    await wait(6);
    await expect(done).rejects.toMatchObject({
      code: 'volume_pending',
      message: 'The claim mysql-data asks for the storage class fast, which does not exist.',
    });
    expect(notes).toEqual(['info: MySQL is starting: 0/1 ready.']);
  });

  it('explains why a pod has no node before that is told', async () => {
    const { fake, becomeReady } = setUp({
      events: async () => [eventOf(claim(fake), 'ProvisioningFailed', 'the provisioner has no room')],
    });
    const conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 pod has unbound immediate PersistentVolumeClaims.',
      },
    ];
    fake.set({ kind: 'Pod', namespace, name: 'mysql-x' }, { metadata: { labels }, status: { conditions } });
    const { done, notes } = runStage(mysql, { cluster: fake.cluster });
    await wait(6);
    becomeReady('mysql');
    await done;
    expect(notes).toEqual([
      'info: MySQL is starting: 0/1 ready.',
      'warning: The volume of the claim mysql-data is not made: the provisioner has no room. Check the storage class of the claim, and its provisioner.',
    ]);
  });

  it('is told within ten seconds where it may heal, and fails when its patience is over', async () => {
    const waits =
      'waiting for a volume to be created, either by external provisioner "example.com/nobody" or manually';
    const { done, notes } = run([claim, 'ExternalProvisioning', waits]);
    await wait(6);
    expect(notes.at(-1)).toBe(
      'warning: The claim mysql-data waits for example.com/nobody to make its volume. Check that this provisioner runs in the cluster.',
    );
    await wait(118);
    expect(notes).toHaveLength(2);
    await wait(3);
    await expect(done).rejects.toMatchObject({ code: 'volume_pending', retryable: false });
  });

  it('of a probe counts only when a container has had half a minute to start', async () => {
    const { becomeReady, done, notes, reads } = run([running, 'Unhealthy', 'Startup probe failed: no']);
    await wait(29);
    expect([reads(), notes]).toEqual([0, ['info: MySQL is starting: 0/1 ready.']]);
    await wait(2);
    expect(notes.at(-1)).toMatch(/^warning: mysql runs, but does not answer its startup probe: no\./);
    becomeReady('mysql');
    await done;
  });

  it('costs nothing but the explanation when it can not be had', async () => {
    const { fake, becomeReady } = setUp({ events: () => Promise.reject(new Error('forbidden')) });
    const { done, notes } = runStage(mysql, { cluster: fake.cluster });
    await wait(20);
    becomeReady('mysql');
    await done;
    expect(notes).toEqual(['info: MySQL is starting: 0/1 ready.']);
  });
});
