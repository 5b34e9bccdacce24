import type { ConnectedCluster } from '@store-platform/shared/kube/cluster';
import { generationLabel } from '../manifests/labels.ts';
import { isServing } from '../stages/await-deployment.ts';
import type { ClusterView } from './sweeps.ts';

/** The cluster as the leader sees it: through the worker's shared watch, without a call of its own. */
export const clusterView = ({ uid, watch }: Pick<ConnectedCluster, 'uid' | 'watch'>): ClusterView => ({
  uid,
  // A watch that stands still shows namespaces that are long gone.
  namespaces: () =>
    watch.isFresh()
      ? watch
          .list('Namespace')
          .filter(({ metadata }) => !metadata.deletionTimestamp)
          .map(({ metadata }) => ({
            name: metadata.name,
            generation: Number(metadata.labels?.[generationLabel]) || 0,
          }))
      : [],
  shopsDown: (storeIds) =>
    watch.isFresh()
      ? storeIds.filter((storeId) => !['mysql', 'woocommerce'].every(runs(watch, storeId)))
      : undefined,
});

const runs =
  (watch: ConnectedCluster['watch'], namespace: string) =>
  (name: string): boolean => {
    const deployment = watch.find('Deployment', namespace, name);
    return deployment !== undefined && isServing(deployment);
  };
