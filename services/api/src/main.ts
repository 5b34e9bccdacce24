import { orAllFaults } from '@store-platform/shared/config/all-faults';
import { readApiConfig } from '@store-platform/shared/config/api-config';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { reachNamedDatabase } from '@store-platform/shared/db/reach-database';
import { createLogger } from '@store-platform/shared/log/logger';
import { runService } from '@store-platform/shared/process/run-service';

await runService('api', async () => {
  const environment = withDotEnv(process.env, process.cwd());
  const config = await orAllFaults(
    () => readApiConfig(environment),
    () => reachNamedDatabase(environment),
  );
  const logger = createLogger({ name: 'api', level: config.logLevel });
  // The rest is heavy; signals are heard before it loads.
  const { startApi } = await import('./api.ts');
  return startApi({ config, logger });
});
