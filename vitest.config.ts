import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const conditions = ['source', 'module', 'node', 'development|production'];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        resolve: { conditions },
        ssr: { resolve: { conditions } },
        test: {
          name: 'services',
          include: [
            'shared/src/**/*.test.ts',
            'services/*/src/**/*.test.ts',
            'dashboard/server/**/*.test.ts',
            'checks/*.test.ts',
            'tests/**/*.test.ts',
          ],
          globalSetup: ['shared/src/testing/global-setup.ts'],
        },
      },
      {
        extends: true,
        plugins: [react()],
        resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
        test: {
          name: 'dashboard',
          include: ['dashboard/src/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          setupFiles: ['dashboard/src/testing/setup.ts'],
        },
      },
    ],
  },
});
