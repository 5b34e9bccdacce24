import { expect, it } from 'vitest';
import { createFakeCluster } from '../testing/fake-cluster.ts';
import { clusterView } from './cluster-view.ts';

const setUp = () => {
  const fake = createFakeCluster();
  const view = clusterView({ uid: 'c', watch: fake.cluster.watch });
  const deployment = (name: string, readyReplicas: number) =>
    fake.set(
      { kind: 'Deployment', namespace: 'store-ab12cd34', name },
      { spec: { replicas: 1 }, status: { observedGeneration: 1, updatedReplicas: 1, readyReplicas } },
    );
  return { fake, view, deployment };
};

it('shows the leader the namespaces that are there and not going', () => {
  const { fake, view } = setUp();
  const labels = { 'store-platform.dev/generation': '2' };
  fake.set({ kind: 'Namespace', name: 'store-here0000' }, { metadata: { labels } });
  fake.set({ kind: 'Namespace', name: 'store-going000' }, { metadata: { deletionTimestamp: 'now' } });
  expect(view.namespaces()).toEqual([{ name: 'store-here0000', generation: 2 }]);
});

it('shows a shop as down while either of its deployments is missing or not ready', () => {
  const { view, deployment } = setUp();
  const down = () => view.seeShops(['store-ab12cd34'])?.down;
  expect(down()).toEqual(['store-ab12cd34']);
  deployment('mysql', 1);
  deployment('woocommerce', 0);
  expect(down()).toEqual(['store-ab12cd34']);
  deployment('woocommerce', 1);
  expect(down()).toEqual([]);
});

it('shows a shop as asleep while its pod says so, never one that is down, and not by a pod that goes', () => {
  const { fake, view, deployment } = setUp();
  const shop = (metadata: object) =>
    fake.set({ kind: 'Pod', namespace: 'store-ab12cd34', name: 'woocommerce-1' }, { metadata });
  const asleep = { annotations: { 'store-platform.dev/asleep': 'true' } };
  const seen = () => view.seeShops(['store-ab12cd34']);
  deployment('mysql', 1);
  deployment('woocommerce', 1);
  shop({});
  expect(seen()).toEqual({ down: [], asleep: [] });
  shop(asleep);
  expect(seen()).toEqual({ down: [], asleep: ['store-ab12cd34'] });
  deployment('woocommerce', 0);
  expect(seen()).toEqual({ down: ['store-ab12cd34'], asleep: [] });
  deployment('woocommerce', 1);
  shop({ ...asleep, deletionTimestamp: 'now' });
  expect(seen()).toEqual({ down: [], asleep: [] });
  shop({ annotations: {}, deletionTimestamp: undefined });
  expect(seen()).toEqual({ down: [], asleep: [] });
});

it('shows nothing while the watch stands still: neither a namespace that came back nor a shop that is down', () => {
  const { fake, view } = setUp();
  fake.set({ kind: 'Namespace', name: 'store-here0000' });
  fake.holdWatch();
  expect([view.namespaces(), view.seeShops(['store-ab12cd34'])]).toEqual([[], undefined]);
});
