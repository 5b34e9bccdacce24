import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { readWorkerConfig } from '@store-platform/shared/config/worker-config';
import { createLogger } from '@store-platform/shared/log/logger';
import { runService } from '@store-platform/shared/process/run-service';

await runService('worker', async ({ fail }) => {
  const config = readWorkerConfig(withDotEnv(process.env, process.cwd()));
  const logger = createLogger({ name: 'worker', level: config.logLevel });
  // The rest is heavy; signals are heard before it loads.
  const [{ startWorker }, { workerTiming }] = await Promise.all([
    import('./worker.ts'),
    import('./worker-timing.ts'),
  ]);
  const worker = await startWorker({ config, timing: workerTiming, logger, onBroken: fail });
  return { stop: () => worker.stop() };
});
