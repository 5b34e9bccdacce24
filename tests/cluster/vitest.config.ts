import { defineConfig } from 'vitest/config';
import { inNode } from '../../vitest.config.ts';

/** `npm run test:cluster`: the cluster contract on the context that KUBE_CONTEXT names, and on no other. */
export default defineConfig({
  ...inNode,
  test: {
    root: '.',
    name: 'cluster',
    include: ['tests/cluster/*.test.ts'],
    reporters: ['verbose'],
    // Most of it waits for pods: that many come at a time, so that a small node is not drowned in them.
    maxConcurrency: 12,
  },
});
