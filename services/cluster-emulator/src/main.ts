import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readSettings } from '@store-platform/shared/config/settings';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { createLogger } from '@store-platform/shared/log/logger';
import { runService } from '@store-platform/shared/process/run-service';
import { startClusterEmulator } from './cluster-emulator.ts';
import { createStandInRuntime } from './pod-runtime/stand-in/stand-in-runtime.ts';

await runService('emulator', async () => {
  const settings = readSettings(withDotEnv(process.env, process.cwd()));
  const dataDir = resolve(settings.DATA_DIR);
  await mkdir(dataDir, { recursive: true });
  return startClusterEmulator({
    dataDir: join(dataDir, 'cluster'),
    kubeconfigPath: join(dataDir, 'kubeconfig'),
    ingressPort: settings.INGRESS_PORT,
    readyAfterMs: settings.EMULATOR_READY_AFTER_MS,
    runtime: createStandInRuntime(),
    logger: createLogger({ name: 'emulator', level: settings.LOG_LEVEL }),
  });
});
