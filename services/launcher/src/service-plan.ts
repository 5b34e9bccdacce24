import { join } from 'node:path';
import type { Environment } from '@store-platform/shared/config/settings';
import type { NeededPort } from './check-ports.ts';
import type { LauncherConfig } from './launcher-config.ts';

/** A service's process, as data. */
export interface ServicePlan {
  /** As people see it in the log. */
  readonly name: string;
  /** Arguments to Node. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Environment;
  /** Folders whose change restarts it, in development. */
  readonly sources: readonly string[];
  /** Most say so over their channel; a program that isn't ours is ready when it listens. */
  readonly readyWhen: 'it says so' | { readonly port: number; readonly host: string };
}

/** The emulator first, because the others ask the cluster who it is; the others side by side. */
export interface PlatformPlan {
  readonly emulator: ServicePlan | undefined;
  readonly services: readonly ServicePlan[];
}

export interface PlanOptions {
  readonly config: LauncherConfig;
  /** Of the repository. */
  readonly root: string;
  /** Unset: the embedded PostgreSQL's. */
  readonly embeddedDatabaseUrl: string | undefined;
  /** From sources, and again whenever they change. */
  readonly dev: boolean;
}

export const planServices = ({ config, root, embeddedDatabaseUrl, dev }: PlanOptions): PlatformPlan => {
  const emulated = config.cluster.kind === 'emulated';
  const environment: Environment = {
    ...config.environment,
    DATA_DIR: config.dataDir,
    API_URL: config.environment['API_URL'] || `http://${loopback(config.host)}:${config.apiPort}`,
    ...(embeddedDatabaseUrl && { DATABASE_URL: embeddedDatabaseUrl, DATABASE_EMBEDDED: 'true' }),
    ...(emulated && { EMULATOR_KUBECONFIG: config.kubeconfigPath }),
  };
  const service = (name: string, folder: string): ServicePlan => ({
    name,
    args: dev
      ? ['--conditions=source', '--import=tsx', join(root, folder, 'src/main.ts')]
      : ['--enable-source-maps', join(root, folder, 'dist/main.js')],
    cwd: root,
    environment,
    sources: dev ? [join(root, folder, 'src'), join(root, 'shared/src')] : [],
    readyWhen: 'it says so',
  });
  const dashboard = dev ? viteServer(config, root, environment) : service('dashboard', 'dashboard/server');
  return {
    emulator: emulated ? service('emulator', 'services/cluster-emulator') : undefined,
    services: [
      service('api', 'services/api'),
      ...workerNames(config.workers).map((name) => service(name, 'services/worker')),
      dashboard,
    ],
  };
};

const workerNames = (count: number): string[] =>
  count === 1 ? ['worker'] : Array.from({ length: count }, (_, index) => `worker ${index + 1}`);

const viteServer = (config: LauncherConfig, root: string, environment: Environment): ServicePlan => ({
  name: 'dashboard',
  args: [
    join(root, 'node_modules/vite/bin/vite.js'),
    '--host',
    config.host,
    '--port',
    String(config.dashboardPort),
    '--strictPort',
    '--clearScreen=false',
  ],
  cwd: join(root, 'dashboard'),
  environment,
  sources: [],
  readyWhen: { port: config.dashboardPort, host: loopback(config.host) },
});

/** Where this machine itself reaches what listens on a host. */
const loopback = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);

export const neededPorts = (config: LauncherConfig): NeededPort[] => {
  const { host } = config;
  const ports: NeededPort[] = [
    { port: config.apiPort, host, what: 'the API', setting: 'PORT' },
    { port: config.dashboardPort, host, what: 'the dashboard', setting: 'DASHBOARD_PORT' },
  ];
  if (config.cluster.kind === 'emulated') {
    ports.push({
      port: config.ingressPort,
      host: '127.0.0.1',
      what: "the shops' ingress",
      setting: 'INGRESS_PORT',
    });
  }
  return ports;
};
