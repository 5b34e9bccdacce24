import { beforeAll, describe } from 'vitest';
import { silentLogger } from '../testing/silent-logger.ts';
import { accessContract } from './contract/access.contract.ts';
import { commandsContract } from './contract/commands.contract.ts';
import { deploymentsContract } from './contract/deployments.contract.ts';
import { namespacesContract } from './contract/namespaces.contract.ts';
import { quotaContract } from './contract/quota.contract.ts';
import { troublesContract } from './contract/troubles.contract.ts';
import { volumesContract } from './contract/volumes.contract.ts';
import { watchingContract } from './contract/watching.contract.ts';
import { writingContract } from './contract/writing.contract.ts';
import { createKubeHttp } from './kube-http.ts';
import { openCluster } from './open-cluster.ts';
import { patienceMs, type ClusterUnderTest, type OpenedCluster } from './testing/contract-place.ts';

const topics = [
  accessContract,
  writingContract,
  watchingContract,
  commandsContract,
  deploymentsContract,
  troublesContract,
  volumesContract,
  quotaContract,
  namespacesContract,
];

/**
 * What the platform relies on in a cluster. The emulator and a real cluster run the same suite; where they differ, the
 * emulator is wrong. Side by side, because much of it is waiting for pods.
 */
export const clusterContract = (name: string, open: () => Promise<ClusterUnderTest>): void => {
  describe.concurrent(`What the platform relies on in ${name}`, { timeout: patienceMs }, () => {
    let opened: OpenedCluster;

    beforeAll(async () => {
      const under = await open();
      const { kubeConfig, installationId } = under;
      const cluster = await openCluster({ kubeConfig, installationId, logger: silentLogger });
      const http = await createKubeHttp(kubeConfig);
      opened = { ...under, cluster, http };
      return async () => {
        cluster.close();
        http.close();
        await under.close();
      };
    }, patienceMs);

    for (const topic of topics) topic(() => opened);
  });
};
