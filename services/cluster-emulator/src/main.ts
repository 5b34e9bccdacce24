import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { profileOf } from '@store-platform/shared/config/profile-of';
import { readSettings } from '@store-platform/shared/config/settings';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { createLogger } from '@store-platform/shared/log/logger';
import { runService } from '@store-platform/shared/process/run-service';
import { startClusterEmulator } from './cluster-emulator.ts';
import { fetchTiming } from './packages/fetch-packages.ts';
import { createPackageSources } from './packages/package-sources.ts';
import { shopRuntimes } from './pod-runtime/shop-runtimes.ts';
import { createStandInRuntime } from './pod-runtime/stand-in/stand-in-runtime.ts';
import { isPhpInstalled } from './pod-runtime/wordpress/is-php-installed.ts';
import { shopTiming } from './pod-runtime/wordpress/open-shop.ts';
import {
  createWordPressRuntime,
  type WordPressRuntimeOptions,
} from './pod-runtime/wordpress/wordpress-runtime.ts';

await runService('emulator', async () => {
  const settings = readSettings(withDotEnv(process.env, process.cwd()));
  const dataDir = resolve(settings.DATA_DIR);
  await mkdir(dataDir, { recursive: true });
  const logger = createLogger({ name: 'emulator', level: settings.LOG_LEVEL });
  const sources = createPackageSources({
    dataDir,
    filledFolder: settings.STORE_PACKAGES === undefined ? undefined : resolve(settings.STORE_PACKAGES),
    timing: fetchTiming,
    logger,
  });
  const shops = {
    setting: settings.STORE_RUNTIME,
    profile: profileOf(settings),
    sources,
    standIn: createStandInRuntime(),
    wordpress: isPhpInstalled()
      ? (packagesOf: WordPressRuntimeOptions['packagesOf']) =>
          createWordPressRuntime({
            folder: join(dataDir, 'cluster', 'wordpress'),
            packagesOf,
            timing: { ...shopTiming, sleepAfterMs: settings.EMULATOR_SLEEP_AFTER_MS },
          })
      : undefined,
  };
  const emulator = await startClusterEmulator({
    dataDir: join(dataDir, 'cluster'),
    kubeconfigPath: join(dataDir, 'kubeconfig'),
    ingressPort: settings.INGRESS_PORT,
    readyAfterMs: settings.EMULATOR_READY_AFTER_MS,
    runtime: (objects) => shopRuntimes(shops, objects),
    logger,
  });
  return {
    stop: async () => {
      await sources.stop();
      await emulator.stop();
    },
  };
});
