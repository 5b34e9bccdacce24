import type { ConnectedCluster } from '@store-platform/shared/kube/cluster';
import type { KubeObject } from '@store-platform/shared/kube/kube-object';
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
  seeShops: (storeIds) => {
    if (!watch.isFresh()) return undefined;
    const isUp = (storeId: string) => ['mysql', 'woocommerce'].every(runs(watch, storeId));
    return {
      down: storeIds.filter((storeId) => !isUp(storeId)),
      asleep: storeIds.filter((storeId) => watch.list('Pod', storeId).some(isAsleep) && isUp(storeId)),
    };
  },
});

const runs =
  (watch: ConnectedCluster['watch'], namespace: string) =>
  (name: string): boolean => {
    const deployment = watch.find('Deployment', namespace, name);
    return deployment !== undefined && isServing(deployment);
  };

/** By which the emulated cluster says that a pod's processes sleep until somebody visits it. */
const asleepAnnotation = 'store-platform.dev/asleep';

const isAsleep = ({ metadata }: KubeObject): boolean =>
  !metadata.deletionTimestamp && metadata.annotations?.[asleepAnnotation] === 'true';
