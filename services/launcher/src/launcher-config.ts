import { join, resolve } from 'node:path';
import {
  databaseUrlOf,
  platformConfig,
  type PlatformConfig,
} from '@store-platform/shared/config/platform-config';
import { readSettings, type Environment, type StoreRuntime } from '@store-platform/shared/config/settings';

/** The name of the database in the embedded PostgreSQL. */
export const embeddedDatabase = 'store_platform';

export interface LauncherConfig extends Omit<PlatformConfig, 'databaseUrl' | 'databaseSource'> {
  /** Absolute. */
  readonly dataDir: string;
  readonly host: string;
  readonly apiPort: number;
  readonly dashboardPort: number;
  /** The emulated ingress; unused on a real cluster. */
  readonly ingressPort: number;
  /** Unset: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  readonly workers: number;
  readonly storeRuntime: StoreRuntime;
  /** Of the emulated cluster. */
  readonly kubeconfigPath: string;
  /** What the services are started with, `.env` included. */
  readonly environment: Environment;
}

/**
 * @param folder what a relative `DATA_DIR` is relative to.
 * @throws ConfigError that lists every fault.
 */
export const readLauncherConfig = (environment: Environment, folder: string): LauncherConfig => {
  const settings = readSettings(environment);
  const databaseUrl = databaseUrlOf(settings);
  const dataDir = resolve(folder, settings.DATA_DIR);
  return {
    ...platformConfig(settings, ''),
    databaseUrl,
    dataDir,
    host: settings.HOST,
    apiPort: settings.PORT,
    dashboardPort: settings.DASHBOARD_PORT,
    ingressPort: settings.INGRESS_PORT,
    workers: settings.WORKERS,
    storeRuntime: settings.STORE_RUNTIME,
    kubeconfigPath: join(dataDir, 'kubeconfig'),
    environment,
  };
};
