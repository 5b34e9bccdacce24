import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startClusterEmulator } from './cluster-emulator.ts';
import { ingressClasses } from './objects/resources.ts';
import { createStandInRuntime } from './pod-runtime/stand-in/stand-in-runtime.ts';
import { makeTestFolder } from './testing/test-cluster.ts';

test('has the default ingress class and the one of setup.sh, whose .env serves here too', async () => {
  const dataDir = await makeTestFolder();
  const emulator = await startClusterEmulator({
    dataDir,
    kubeconfigPath: join(dataDir, 'kubeconfig'),
    ingressPort: 0,
    readyAfterMs: 0,
    runtime: createStandInRuntime,
    logger: silentLogger,
  });
  onTestFinished(() => emulator.stop());
  const classes = emulator.store.list(ingressClasses).map(({ metadata }) => metadata.name);
  expect(classes.toSorted()).toEqual(['nginx', 'traefik']);
});
