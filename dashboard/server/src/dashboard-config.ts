import { readSettings, type Environment } from '@store-platform/shared/config/settings';

export interface DashboardConfig {
  readonly host: string;
  readonly port: number;
  /** Where the API listens, without a trailing slash. */
  readonly apiUrl: string;
  /** Host names under which browsers may ask for the dashboard, beside the loopback ones. */
  readonly hostNames: readonly string[];
  readonly logLevel: string;
}

/**
 * Only what the dashboard itself needs, so that it can run on a machine without the database's settings.
 * API_TOKEN isn't used here, but without it a HOST that others can reach is refused.
 */
const needed = ['HOST', 'PORT', 'DASHBOARD_PORT', 'API_URL', 'API_TOKEN', 'CORS_ORIGIN', 'LOG_LEVEL'];

/** @throws ConfigError */
export const readDashboardConfig = (environment: Environment): DashboardConfig => {
  const settings = readSettings(Object.fromEntries(needed.map((name) => [name, environment[name]])));
  return {
    host: settings.HOST,
    port: settings.DASHBOARD_PORT,
    apiUrl: (settings.API_URL ?? `http://127.0.0.1:${settings.PORT}`).replace(/\/$/, ''),
    hostNames: [settings.HOST, ...settings.CORS_ORIGIN.map((origin) => new URL(origin).hostname)],
    logLevel: settings.LOG_LEVEL,
  };
};
