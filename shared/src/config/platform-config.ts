import { profileOf } from './profile-of.ts';
import type { Profile } from './profiles.ts';
import type { Settings } from './settings.ts';

/** What API and worker must agree on. */
export interface PlatformConfig {
  readonly databaseUrl: string;
  readonly databaseSource: 'embedded' | 'external';
  readonly redisUrl: string | undefined;
  readonly cluster: ClusterConfig;
  readonly profile: Profile;
  readonly baseDomain: string;
  readonly publicPort: number;
  readonly maxActiveStores: number;
  readonly logLevel: string;
}

export type ClusterConfig =
  | { readonly kind: 'emulated'; readonly kubeconfigPath: string | undefined; readonly name: string }
  | { readonly kind: 'context'; readonly kubeconfigPath: string | undefined; readonly name: string }
  | { readonly kind: 'in-cluster'; readonly name: string };

/** Where a process started by itself, without `npm start`, is told what to do. */
export const embeddedOnly =
  'DATABASE_URL is not set: name a PostgreSQL, or use `npm start`, which brings its own';

/** Whether a fault is about the database already, so that a second one would only repeat it. */
export const namesDatabase = (faults: readonly string[]): boolean =>
  faults.some((fault) => /^(DATABASE_URL|DB_HOST)/.test(fault));

/** @returns undefined when only the embedded PostgreSQL is left, which is the launcher's to start. */
export const databaseUrlOf = (settings: Settings): string | undefined => {
  if (settings.DATABASE_URL) return settings.DATABASE_URL;
  if (!settings.DB_HOST) return undefined;
  const url = new URL('postgresql://localhost');
  // A URL takes IPv6 in brackets only, and keeps what it had for a host that it can't take.
  url.hostname = settings.DB_HOST.includes(':')
    ? `[${settings.DB_HOST.replaceAll(/[[\]]/g, '')}]`
    : settings.DB_HOST;
  url.port = String(settings.DB_PORT);
  url.pathname = `/${settings.DB_NAME}`;
  url.username = encodeURIComponent(settings.DB_USER);
  url.password = encodeURIComponent(settings.DB_PASSWORD);
  return url.href;
};

/** A kubeconfig that happens to lie on the machine is never used unless a context is named. */
export const clusterOf = (settings: Settings): ClusterConfig => {
  if (settings.KUBE_CONTEXT) {
    return { kind: 'context', kubeconfigPath: settings.KUBECONFIG, name: settings.KUBE_CONTEXT };
  }
  if (settings.KUBERNETES_SERVICE_HOST) return { kind: 'in-cluster', name: 'in-cluster' };
  return { kind: 'emulated', kubeconfigPath: settings.EMULATOR_KUBECONFIG, name: 'emulated cluster' };
};

export const platformConfig = (settings: Settings, databaseUrl: string): PlatformConfig => {
  const cluster = clusterOf(settings);
  const emulated = cluster.kind === 'emulated';
  return {
    databaseUrl,
    databaseSource: settings.DATABASE_EMBEDDED ? 'embedded' : 'external',
    redisUrl: settings.REDIS_URL,
    cluster,
    profile: profileOf(settings),
    baseDomain: settings.STORE_BASE_DOMAIN ?? (emulated ? 'localhost' : `${settings.CLUSTER_IP}.nip.io`),
    publicPort: settings.STORE_PUBLIC_PORT ?? (emulated ? settings.INGRESS_PORT : 80),
    maxActiveStores: settings.MAX_ACTIVE_STORES,
    logLevel: settings.LOG_LEVEL,
  };
};
