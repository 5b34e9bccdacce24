import { ConfigError } from './config-error.ts';
import {
  databaseUrlOf,
  embeddedOnly,
  namesDatabase,
  platformConfig,
  type PlatformConfig,
} from './platform-config.ts';
import { parseSettings, type Environment } from './settings.ts';

export interface WorkerConfig extends PlatformConfig {
  /** Stage runs at a time. Nearly all of them only wait, so it may be high. */
  readonly concurrency: number;
  readonly ingressClass: string;
  readonly ingressNamespace: string;
  readonly ingressAddress: { readonly host: string; readonly port: number };
}

/** @throws ConfigError */
export const readWorkerConfig = (environment: Environment): WorkerConfig => {
  const { settings, faults } = parseSettings(environment);
  const databaseUrl = databaseUrlOf(settings);
  const platform = platformConfig(settings, databaseUrl ?? '');
  if (!databaseUrl && !namesDatabase(faults)) faults.push(embeddedOnly);
  const namesCluster = faults.some((fault) => fault.startsWith('KUBE_CONTEXT'));
  if (platform.cluster.kind === 'emulated' && !platform.cluster.kubeconfigPath && !namesCluster) {
    faults.push('KUBE_CONTEXT is not set: name a cluster, or use `npm start`, which brings an emulated one');
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    ...platform,
    concurrency: settings.WORKER_CONCURRENCY,
    ingressClass: settings.INGRESS_CLASS,
    ingressNamespace: settings.INGRESS_NAMESPACE,
    ingressAddress: settings.INGRESS_ADDRESS ?? {
      host: platform.cluster.kind === 'emulated' ? '127.0.0.1' : settings.CLUSTER_IP,
      port: platform.publicPort,
    },
  };
};
