import { ConfigError } from '@store-platform/shared/config/config-error';
import { clusterOf } from '@store-platform/shared/config/platform-config';
import { profileOf } from '@store-platform/shared/config/profile-of';
import { readSettings, type Environment } from '@store-platform/shared/config/settings';
import { connectCluster } from '@store-platform/shared/kube/connect-cluster';

/**
 * The context that the environment names, and no other: never the kubeconfig's current one.
 * @returns its kubeconfig, and the image of the profile's WordPress, which has the programs that the contract runs
 * @throws ConfigError when none is named, or there is none of that name
 */
export const namedCluster = (environment: Environment) => {
  const settings = readSettings(environment);
  const cluster = clusterOf(settings);
  if (cluster.kind !== 'context') {
    throw new ConfigError([
      'No cluster is named: set KUBE_CONTEXT to a context of your kubeconfig, and KUBECONFIG if it lies elsewhere',
    ]);
  }
  return {
    name: cluster.name,
    kubeConfig: connectCluster(cluster),
    image: profileOf(settings).images.wordpress,
  };
};
