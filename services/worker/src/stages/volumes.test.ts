import { expect, it } from 'vitest';
import { createFakeCluster } from '../testing/fake-cluster.ts';
import { runStage, sampleLabels } from '../testing/run-stage.ts';
import { ingress } from './ingress.ts';
import { volumes } from './volumes.ts';

const withNamespace = () => {
  const fake = createFakeCluster();
  fake.set({ kind: 'Namespace', name: 'store-ab12cd34' }, { metadata: { labels: sampleLabels() } });
  return fake;
};

it('volumes are claimed and never waited for: they bind when a pod mounts them', async () => {
  const fake = withNamespace();
  const { done, notes } = runStage(volumes, { cluster: fake.cluster });
  await done;
  expect(fake.calls).toEqual([
    'apply PersistentVolumeClaim mysql-data',
    'apply PersistentVolumeClaim wordpress-data',
  ]);
  expect(fake.find('PersistentVolumeClaim', 'mysql-data')?.['status']).toBeUndefined();
  expect(notes).toEqual(['info: 5 GiB for MySQL and 10 GiB for WordPress are claimed.']);
});

it('the ingress tells the address at which the shop will be', async () => {
  const fake = withNamespace();
  const { done, notes } = runStage(ingress, { cluster: fake.cluster });
  await done;
  expect(notes).toEqual(["info: The shop's address is http://store-ab12cd34.localhost:8080"]);
});

it.each([volumes, ingress])('the stage $name run twice changes nothing the second time', async (stage) => {
  const fake = withNamespace();
  await runStage(stage, { cluster: fake.cluster }).done;
  const before = fake.versions();
  await runStage(stage, { cluster: fake.cluster }).done;
  expect(fake.versions()).toEqual(before);
});

it.each([volumes, ingress])('the stage $name makes no namespace where there is none', async (stage) => {
  const fake = createFakeCluster();
  await expect(runStage(stage, { cluster: fake.cluster }).done).rejects.toMatchObject({
    code: 'cluster_rejected',
  });
  expect(fake.versions()).toEqual({});
});
