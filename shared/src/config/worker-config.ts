import { ConfigError } from './config-error.ts';
import {
  databaseUrlOf,
  embeddedOnly,
  namesDatabase,
  platformConfig,
  type PlatformConfig,
} from './platform-config.ts';
import { parseSettings, type Environment, type Settings } from './settings.ts';

/** Where the platform itself reaches shops, with their own name in the Host header. */
export interface IngressAddress {
  readonly host: string;
  readonly port: number;
  /** Whether somebody chose it. Else a shop's own address is asked, where it can be resolved. */
  readonly isChosen: boolean;
}

export interface WorkerConfig extends PlatformConfig {
  /** Stage runs at a time. Nearly all of them only wait, so it may be high. */
  readonly concurrency: number;
  readonly ingressClass: string;
  readonly ingressNamespace: string;
  readonly ingressAddress: IngressAddress;
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
    concurrency: settings.WORKER_CONCURRENCY ?? enoughFor(settings.MAX_ACTIVE_STORES),
    ingressClass: settings.INGRESS_CLASS,
    ingressNamespace: settings.INGRESS_NAMESPACE,
    ingressAddress: ingressAddressOf(settings, platform),
  };
};

/** A store runs two stages at a time at most, and they wait: where all have room, none waits for another's. */
const enoughFor = (stores: number): number => Math.min(2000, Math.max(200, 2 * stores));

/** @returns what the settings name, or where a cluster's ingress usually is. */
export const ingressAddressOf = (
  { INGRESS_ADDRESS, CLUSTER_IP }: Settings,
  { cluster, publicPort }: PlatformConfig,
): IngressAddress => {
  if (INGRESS_ADDRESS) return { ...INGRESS_ADDRESS, isChosen: true };
  return cluster.kind === 'emulated'
    ? { host: '127.0.0.1', port: publicPort, isChosen: true }
    : { host: CLUSTER_IP, port: publicPort, isChosen: false };
};
