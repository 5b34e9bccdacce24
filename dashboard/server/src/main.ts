import { fileURLToPath } from 'node:url';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { createLogger } from '@store-platform/shared/log/logger';
import { runService } from '@store-platform/shared/process/run-service';
import { readDashboardConfig } from './dashboard-config.ts';
import { startDashboardServer } from './dashboard-server.ts';

await runService('dashboard', async () => {
  const config = readDashboardConfig(withDotEnv(process.env, process.cwd()));
  const logger = createLogger({ name: 'dashboard', level: config.logLevel });
  const server = await startDashboardServer({
    config,
    filesFolder: fileURLToPath(new URL('../../dist', import.meta.url)),
    logger,
  });
  logger.info({ address: server.address }, 'The dashboard is served.');
  return { stop: () => server.stop() };
});
