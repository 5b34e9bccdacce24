import type { Cluster } from './cluster.ts';

export type CallKind = 'write' | 'exec' | 'delete';

/**
 * A cluster whose changing calls each ask first, and again before each repetition: a repeated call may start long after
 * the first. Reads and waits go straight through.
 */
export const guardCluster = (
  cluster: Cluster,
  beforeCall: (kind: CallKind, timeoutMs: number) => Promise<void>,
): Cluster => {
  const ask = (kind: CallKind) => () => beforeCall(kind, cluster.callTimeoutMs);
  return {
    ...cluster,
    apply: (manifest, signal) => cluster.apply(manifest, signal, ask('write')),
    create: (manifest, signal) => cluster.create(manifest, signal, ask('write')),
    delete: (ref, uid, signal) => cluster.delete(ref, uid, signal, ask('delete')),
    exec: async (request) => {
      await beforeCall('exec', cluster.callTimeoutMs);
      return cluster.exec(request);
    },
  };
};
