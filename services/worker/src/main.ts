import { orAllFaults } from '@store-platform/shared/config/all-faults';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { readWorkerConfig } from '@store-platform/shared/config/worker-config';
import { reachNamedDatabase } from '@store-platform/shared/db/reach-database';
import { createLogger } from '@store-platform/shared/log/logger';
import { runService } from '@store-platform/shared/process/run-service';
import { findRegistryConfig } from './find-registry-config.ts';

await runService('worker', async ({ fail }) => {
  const environment = withDotEnv(process.env, process.cwd());
  // Heavy: signals are heard before it loads.
  const { findNamedContext } = await import('@store-platform/shared/kube/connect-cluster');
  const config = await orAllFaults(
    () => readWorkerConfig(environment),
    () => reachNamedDatabase(environment),
    () => findNamedContext(environment),
    () => findRegistryConfig(environment),
  );
  const logger = createLogger({ name: 'worker', level: config.logLevel });
  const [{ startWorker }, { workerTiming }] = await Promise.all([
    import('./worker.ts'),
    import('./worker-timing.ts'),
  ]);
  const worker = await startWorker({
    config,
    registryConfig: findRegistryConfig(environment),
    timing: workerTiming,
    logger,
    onBroken: fail,
  });
  return { stop: () => worker.stop() };
});
