import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterContract } from '@store-platform/shared/kube/cluster.contract';
import { connectCluster } from '@store-platform/shared/kube/connect-cluster';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { startClusterEmulator } from './cluster-emulator.ts';
import { createStandInRuntime } from './pod-runtime/stand-in/stand-in-runtime.ts';

clusterContract('the cluster emulator', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'cluster-contract-'));
  const kubeconfigPath = join(dataDir, 'kubeconfig');
  const emulator = await startClusterEmulator({
    dataDir,
    kubeconfigPath,
    ingressPort: 0,
    readyAfterMs: 0,
    runtime: createStandInRuntime,
    logger: silentLogger,
  });
  return {
    kubeConfig: connectCluster({ kind: 'emulated', kubeconfigPath, name: 'emulated cluster' }),
    installationId: 'contract',
    image: 'busybox:1.36',
    close: async () => {
      await emulator.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
});
