import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { ConfigError } from '../config/config-error.ts';
import { isLoopbackDomain } from '../contract/admin-login.ts';
import type { ClusterConfig } from '../config/platform-config.ts';

/**
 * Loads what names a cluster, and nothing else: no default context, no kubeconfig that happens to lie about.
 * @throws ConfigError that names the contexts there are.
 */
export const connectCluster = (config: ClusterConfig): KubeConfig => {
  const kubeConfig = new KubeConfig();
  if (config.kind === 'in-cluster') {
    kubeConfig.loadFromCluster();
    return kubeConfig;
  }
  if (config.kind === 'emulated') {
    kubeConfig.loadFromFile(config.kubeconfigPath ?? '');
    refuseFarServers(kubeConfig);
    return kubeConfig;
  }
  if (config.kubeconfigPath && !existsSync(config.kubeconfigPath)) {
    throw new ConfigError([`KUBECONFIG names ${config.kubeconfigPath}, and there is no such file`]);
  }
  if (config.kubeconfigPath) kubeConfig.loadFromFile(config.kubeconfigPath);
  else kubeConfig.loadFromDefault();
  useContext(kubeConfig, config.name);
  return kubeConfig;
};

/** The emulator runs on this machine. A kubeconfig that leads elsewhere names a cluster that nobody has chosen. */
const refuseFarServers = (kubeConfig: KubeConfig): void => {
  const server = kubeConfig.getCurrentCluster()?.server ?? '';
  const hostname = URL.canParse(server) ? new URL(server).hostname : '';
  if (!isLoopbackDomain(hostname) && hostname !== '[::1]') {
    throw new ConfigError([
      `The emulated cluster's kubeconfig leads to ${server || 'no server'}, which is not on this machine: set KUBE_CONTEXT to use a cluster`,
    ]);
  }
};

/** The client takes any name without a word, and fails much later. */
const useContext = (kubeConfig: KubeConfig, name: string): void => {
  if (!kubeConfig.getContextObject(name)) {
    const known = kubeConfig.getContexts().map((context) => context.name);
    throw new ConfigError([
      `KUBE_CONTEXT is "${name}", and the kubeconfig knows ${known.length > 0 ? known.join(', ') : 'no context'}`,
    ]);
  }
  kubeConfig.setCurrentContext(name);
};
