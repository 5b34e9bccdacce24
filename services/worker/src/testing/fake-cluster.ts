import type { Cluster } from '@store-platform/shared/kube/cluster';

const refuse = (): never => {
  throw new Error('This test uses no cluster');
};

/** A cluster for code that must not reach one. */
export const createFakeCluster = (): Cluster => ({
  apply: refuse,
  create: refuse,
  get: refuse,
  delete: refuse,
  exec: refuse,
  logs: refuse,
  callTimeoutMs: 5000,
  watch: {
    start: refuse,
    stop: refuse,
    find: refuse,
    list: refuse,
    isFresh: refuse,
    until: refuse,
  },
});
