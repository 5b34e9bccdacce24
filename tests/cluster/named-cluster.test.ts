import { randomUUID } from 'node:crypto';
import { clusterOf } from '@store-platform/shared/config/platform-config';
import { profileOf } from '@store-platform/shared/config/profile-of';
import { readSettings } from '@store-platform/shared/config/settings';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { clusterContract } from '@store-platform/shared/kube/cluster.contract';
import { connectCluster } from '@store-platform/shared/kube/connect-cluster';
import { openCluster } from '@store-platform/shared/kube/open-cluster';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';

const settings = readSettings(withDotEnv(process.env, process.cwd()));
const cluster = clusterOf(settings);
if (cluster.kind !== 'context')
  throw new Error('No cluster is named: set KUBE_CONTEXT, and KUBECONFIG if need be.');

clusterContract(cluster.name, async () => {
  // Of no installation: nothing else in that cluster is looked at.
  const installationId = randomUUID();
  const opened = await openCluster({
    kubeConfig: connectCluster(cluster),
    installationId,
    logger: silentLogger,
  });
  return {
    cluster: opened,
    installationId,
    image: profileOf(settings).images.wordpress,
    close: async () => opened.close(),
  };
});
