import { randomUUID } from 'node:crypto';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { clusterContract } from '@store-platform/shared/kube/cluster.contract';
import { namedCluster } from './named-cluster.ts';

const { name, kubeConfig, image } = namedCluster(withDotEnv(process.env, process.cwd()));

clusterContract(name, async () => ({
  kubeConfig,
  image,
  // Of no installation that there is: nothing else in that cluster is looked at.
  installationId: process.env['CONTRACT_INSTALLATION'] ?? randomUUID(),
  close: async () => undefined,
}));
