import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { ConfigError } from '../config/config-error.ts';
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
