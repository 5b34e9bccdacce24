import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { ConfigError } from '../config/config-error.ts';
import { clusterOf, type ClusterConfig } from '../config/platform-config.ts';
import { parseSettings, type Environment } from '../config/settings.ts';
import { isLoopbackDomain } from '../contract/admin-login.ts';

/**
 * Loads what names a cluster, and nothing else: no default context, no kubeconfig that happens to lie about.
 * @throws ConfigError that names the contexts there are.
 */
export const connectCluster = (config: ClusterConfig): KubeConfig => {
  if (config.kind === 'context')
    return useContext(kubeconfigPaths(config.kubeconfigPath).map(load), config.name);
  const kubeConfig = new KubeConfig();
  if (config.kind === 'in-cluster') {
    kubeConfig.loadFromCluster();
    return kubeConfig;
  }
  kubeConfig.loadFromFile(config.kubeconfigPath ?? '');
  refuseFarServers(kubeConfig);
  return kubeConfig;
};

/**
 * Looks for the context that the environment names, also where other settings are at fault; naming none is no fault here.
 * @throws ConfigError as `connectCluster`
 */
export const findNamedContext = (environment: Environment): void => {
  const config = clusterOf(parseSettings(environment).settings);
  if (config.kind === 'context') connectCluster(config);
};

/** KUBECONFIG may name several files, as for kubectl. The client's own default would go on to guess where there is none. */
const kubeconfigPaths = (setting: string | undefined): string[] =>
  setting?.split(delimiter).filter(Boolean) ?? [join(homedir(), '.kube/config')];

const load = (path: string): KubeConfig => {
  if (!existsSync(path)) throw new ConfigError([`KUBECONFIG names ${path}, and there is no such file`]);
  const kubeConfig = new KubeConfig();
  try {
    kubeConfig.loadFromFile(path);
  } catch {
    throw new ConfigError([`KUBECONFIG names ${path}, which is no kubeconfig`]);
  }
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

/** The first file that knows the context. The client itself takes any name without a word, and fails much later. */
const useContext = (kubeConfigs: readonly KubeConfig[], name: string): KubeConfig => {
  const found = kubeConfigs.find((kubeConfig) => kubeConfig.getContextObject(name));
  if (!found) {
    const known = kubeConfigs
      .flatMap((kubeConfig) => kubeConfig.getContexts())
      .map((context) => context.name);
    throw new ConfigError([
      `KUBE_CONTEXT is "${name}", and the kubeconfig knows ${known.length > 0 ? known.join(', ') : 'no context'}`,
    ]);
  }
  found.setCurrentContext(name);
  return found;
};
