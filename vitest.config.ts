import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const conditions = ['source', 'module', 'node', 'development|production'];
export const inNode = { resolve: { conditions }, ssr: { resolve: { conditions } } };
const timeouts = { testTimeout: 30_000, hookTimeout: 30_000 };
/** More than Vitest's own choice, one core fewer than there are: most tests wait for a database or a process. */
const maxWorkers = 4;

export default defineConfig({
  test: {
    globalSetup: ['shared/src/testing/global-setup.ts'],
    projects: [
      {
        ...inNode,
        test: {
          ...timeouts,
          maxWorkers,
          // Nothing of ours lives in a module, so test files may share those that were loaded.
          isolate: false,
          name: 'services',
          include: [
            'shared/src/**/*.test.ts',
            'services/*/src/**/*.test.ts',
            'dashboard/server/**/*.test.ts',
            'checks/*.test.ts',
          ],
        },
      },
      {
        ...inNode,
        test: {
          ...timeouts,
          testTimeout: 120_000,
          name: 'platform',
          include: ['tests/*.test.ts'],
          globalSetup: ['tests/global-setup.ts'],
          // Each starts many processes, and then waits for them: after the others, and one a core.
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
        },
      },
      {
        plugins: [react()],
        resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
        test: {
          ...timeouts,
          maxWorkers,
          name: 'dashboard',
          include: ['dashboard/src/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          setupFiles: ['dashboard/src/testing/setup.ts'],
        },
      },
    ],
  },
});
