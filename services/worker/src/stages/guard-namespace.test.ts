import { expect, it } from 'vitest';
import { until } from '@store-platform/shared/testing/until';
import { createFakeCluster } from '../testing/fake-cluster.ts';
import { runStage } from '../testing/run-stage.ts';
import { mysql } from './mysql.ts';
import { wpCli } from './wp-cli.ts';

const namespace = { kind: 'Namespace', name: 'store-ab12cd34' } as const;
const deleted = {
  code: 'cluster_rejected',
  message: expect.stringContaining('Someone deleted the namespace'),
};

const waitIn = (stage: typeof mysql) => {
  const fake = createFakeCluster({ namespacesLinger: true });
  const { uid } = fake.set(namespace).metadata;
  return { fake, ...runStage(stage, { cluster: fake.cluster, store: { namespaceUid: uid } }) };
};

it('a stage fails at once when somebody deletes the namespace that it waits in', async () => {
  const { fake, done, notes } = waitIn(mysql);
  await until('it waits', () => notes.length > 0);
  fake.set(namespace, { metadata: { deletionTimestamp: '2026-01-02T03:04:05Z' } });
  await expect(done).rejects.toMatchObject({ ...deleted, retryable: false });
});

it('also when the namespace went so fast that nobody saw it go, and while the recipe waits for its pod', async () => {
  const { fake, done } = waitIn(wpCli);
  fake.remove('Namespace', namespace.name);
  await expect(done).rejects.toMatchObject(deleted);
});

it('one that the watch has not seen yet is waited for', async () => {
  const fake = createFakeCluster();
  const { uid } = fake.set(namespace).metadata;
  fake.holdWatch();
  const { done, notes } = runStage(mysql, { cluster: fake.cluster, store: { namespaceUid: uid } });
  await until('it waits', () => notes.length > 0);
  fake.set(
    { kind: 'Deployment', namespace: namespace.name, name: 'mysql' },
    {
      status: { observedGeneration: 1, updatedReplicas: 1, readyReplicas: 1 },
    },
  );
  fake.catchUp();
  await done;
  expect(notes).toEqual(['info: MySQL is starting: 0/1 ready.']);
});
