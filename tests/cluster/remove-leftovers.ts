import type { ConnectedCluster } from '@store-platform/shared/kube/cluster';
import type { KubeHttp } from '@store-platform/shared/kube/kube-http';
import { releaseHeld } from '@store-platform/shared/kube/testing/contract-place';
import { until } from '@store-platform/shared/testing/until';

/**
 * Removes the namespaces of the cluster's installation, which a run that was killed has left behind.
 * @returns their names, when they are gone
 */
export const removeLeftovers = async (cluster: ConnectedCluster, http: KubeHttp): Promise<string[]> => {
  const left = cluster.watch.list('Namespace').map(({ metadata }) => metadata);
  for (const { name, uid } of left) {
    await releaseHeld(http, name);
    await cluster.delete({ kind: 'Namespace', name }, uid);
  }
  await until('all are gone', () => cluster.watch.list('Namespace').length === 0, { timeoutMs: 120_000 });
  return left.map(({ name }) => name);
};
