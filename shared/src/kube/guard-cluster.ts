import type { Cluster } from './cluster.ts';
import { callTimeoutMs } from './kube-http.ts';

export type CallKind = 'write' | 'exec' | 'delete';

/** A cluster whose changing calls each ask first; reads and waits go straight through. */
export const guardCluster = (
  cluster: Cluster,
  beforeCall: (kind: CallKind, timeoutMs: number) => Promise<void>,
): Cluster => ({
  ...cluster,
  apply: async (manifest, signal) => {
    await beforeCall('write', callTimeoutMs);
    return cluster.apply(manifest, signal);
  },
  create: async (manifest, signal) => {
    await beforeCall('write', callTimeoutMs);
    return cluster.create(manifest, signal);
  },
  delete: async (ref, uid, signal) => {
    await beforeCall('delete', callTimeoutMs);
    return cluster.delete(ref, uid, signal);
  },
  exec: async (request) => {
    await beforeCall('exec', callTimeoutMs);
    return cluster.exec(request);
  },
});
