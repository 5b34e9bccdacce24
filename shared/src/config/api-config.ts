import { ConfigError } from './config-error.ts';
import {
  databaseUrlOf,
  embeddedOnly,
  namesDatabase,
  platformConfig,
  type PlatformConfig,
} from './platform-config.ts';
import { parseSettings, type Environment } from './settings.ts';

export interface ApiConfig extends PlatformConfig {
  readonly host: string;
  readonly port: number;
  readonly dashboardPort: number;
  /** Beside the API's own and the dashboard's. */
  readonly corsOrigins: readonly string[];
  readonly apiToken: string | undefined;
}

/** @throws ConfigError */
export const readApiConfig = (environment: Environment): ApiConfig => {
  const { settings, faults } = parseSettings(environment);
  const databaseUrl = databaseUrlOf(settings);
  if (!databaseUrl && !namesDatabase(faults)) faults.push(embeddedOnly);
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    ...platformConfig(settings, databaseUrl ?? ''),
    host: settings.HOST,
    port: settings.PORT,
    dashboardPort: settings.DASHBOARD_PORT,
    corsOrigins: settings.CORS_ORIGIN,
    apiToken: settings.API_TOKEN,
  };
};
