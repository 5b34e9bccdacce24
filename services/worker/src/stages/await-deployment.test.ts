import { describe, expect, it } from 'vitest';
import { until } from '@store-platform/shared/testing/until';
import { createFakeCluster, type FakeClusterOptions } from '../testing/fake-cluster.ts';
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
      message: 'mysql: mysql:8.0: manifest unknown',
      retryable: false,
    });
  });

  it('tells each thing that may heal once, however often Kubernetes alternates', async () => {
    const { fake, pod, becomeReady } = setUp();
    const { done, notes } = runStage(mysql, { cluster: fake.cluster });
    await until('it waits', () => notes.length === 1);
    for (let turn = 0; turn < 3; turn += 1) {
      pod('ErrImagePull', 'registry: i/o timeout');
      await until('the first is told', () => notes.some((note) => note.includes('i/o timeout')));
      pod('ImagePullBackOff', 'Back-off pulling image "mysql:8.0"');
      await until('the other is told', () => notes.some((note) => note.includes('Back-off')));
    }
    becomeReady('mysql');
    await done;
    expect(notes).toEqual([
      'info: MySQL is starting: 0/1 ready.',
      'warning: mysql: registry: i/o timeout',
      'warning: mysql: Back-off pulling image "mysql:8.0"',
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

  it('that crashes again and again fails with the last lines of its log', async () => {
    const { fake, pod } = setUp({
      logs: async ({ name, container }, lines) => [`${name}/${container}, ${lines} lines`, 'Out of disk'],
    });
    pod('CrashLoopBackOff', '', { restartCount: 4 });
    const { done, notes } = runStage(mysql, { cluster: fake.cluster });
    await expect(done).rejects.toMatchObject({ code: 'crash_loop', retryable: false });
    expect(notes).toEqual(['error: Last lines of its log:\nmysql-x/mysql, 10 lines\nOut of disk']);
  });

  it('that crashes fails for that reason although its log can not be had', async () => {
    const { fake, pod } = setUp({ logs: () => Promise.reject(new Error('gone')) });
    pod('CrashLoopBackOff', '', { restartCount: 4 });
    await expect(runStage(mysql, { cluster: fake.cluster }).done).rejects.toMatchObject({
      code: 'crash_loop',
    });
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
