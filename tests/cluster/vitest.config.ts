import { defineConfig } from 'vitest/config';

const conditions = ['source', 'module', 'node', 'development|production'];

/** `npm run test:cluster`: the cluster contract on the context that KUBE_CONTEXT names, and on no other. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    root: '.',
    name: 'cluster',
    include: ['tests/cluster/*.test.ts'],
    reporters: ['verbose'],
    // Most of it waits for pods: that many come at a time, so that a small node is not drowned in them.
    maxConcurrency: 12,
  },
});
