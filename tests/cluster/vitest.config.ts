import { defineConfig } from 'vitest/config';
import { inNode } from '../../vitest.config.ts';

/** `npm run test:cluster`: the cluster contract on the context that KUBE_CONTEXT names, and on no other. */
export default defineConfig({
  ...inNode,
  test: { root: '.', name: 'cluster', include: ['tests/cluster/*.test.ts'], reporters: ['verbose'] },
});
