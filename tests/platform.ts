import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ProfileName } from '@store-platform/shared/config/profiles';
import { readWorkerConfig } from '@store-platform/shared/config/worker-config';
import { createStore, findStore } from '@store-platform/shared/db/stores';
import { storeAddress } from '@store-platform/shared/config/store-url';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { until } from '@store-platform/shared/testing/until';
import type { StoreStatus } from '@store-platform/shared/contract/store';
import {
  startClusterEmulator,
  type ClusterEmulator,
} from '../services/cluster-emulator/src/cluster-emulator.ts';
import type { ObjectStore } from '../services/cluster-emulator/src/objects/object-store.ts';
import type { PodRuntime } from '../services/cluster-emulator/src/pod-runtime/pod-runtime.ts';
import { createStandInRuntime } from '../services/cluster-emulator/src/pod-runtime/stand-in/stand-in-runtime.ts';
import { startWorker, type Worker } from '../services/worker/src/worker.ts';
import type { WorkerTiming } from '../services/worker/src/worker-timing.ts';

/** Everything quicker, in the same proportions. */
export const fastTiming: WorkerTiming = {
  beatEveryMs: 100,
  deadAfterMs: 6000,
  unclaimedAfterMs: 500,
  sweepEveryMs: { fast: 50, slow: 200, minute: 60_000, rare: 60_000 },
};

/** A platform without an API: a database of its own, an emulated cluster of its own, and workers on demand. */
export const usePlatform = async ({
  readyAfterMs = 50,
  runtime = createStandInRuntime,
  settings = {},
}: {
  readyAfterMs?: number;
  runtime?: (objects: ObjectStore, folder: string) => PodRuntime;
  /** Of the workers, beside where everything is. */
  settings?: Readonly<Record<string, string>>;
} = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { db, url: databaseUrl } = await useTestDatabase();
  const kubeconfigPath = join(folder, 'kubeconfig');
  const startEmulator = (ingressPort: number) =>
    startClusterEmulator({
      dataDir: join(folder, 'cluster'),
      kubeconfigPath,
      ingressPort,
      readyAfterMs,
      runtime: (objects) => runtime(objects, folder),
      logger: silentLogger,
    });
  const emulator = await startEmulator(0);
  const running = [emulator];
  onTestFinished(() => running.pop()?.stop());
  const config = () =>
    readWorkerConfig({
      DATABASE_URL: databaseUrl,
      EMULATOR_KUBECONFIG: kubeconfigPath,
      INGRESS_PORT: String(emulator.ingressPort),
      ...settings,
    });
  const work = async (timing = fastTiming): Promise<Worker> => {
    const worker = await startWorker({ config: config(), timing, logger: silentLogger, onBroken: () => {} });
    let stopped: Promise<void> | undefined;
    const stop = () => (stopped ??= worker.stop());
    onTestFinished(stop);
    return { stop };
  };
  /** The cluster is gone while `meanwhile` lasts, and comes back at its address. */
  const withoutCluster = async (meanwhile: () => Promise<unknown>): Promise<void> => {
    await running.pop()?.stop();
    await meanwhile();
    running.push(await startEmulator(emulator.ingressPort));
  };
  return { db, emulator, work, databaseUrl, withoutCluster };
};

let made = 0;

export const acceptStore = async (
  db: Parameters<typeof createStore>[0],
  emulator: ClusterEmulator,
  name = 'My Shop',
  profile: ProfileName = 'spec',
) => {
  made += 1;
  const storeId = `store-${(Date.now() + made).toString(36).slice(-8).padStart(8, '0')}`;
  const address = storeAddress(storeId, { baseDomain: 'localhost', publicPort: emulator.ingressPort });
  const input = {
    storeId,
    name,
    type: 'woocommerce',
    profile,
    url: address.url,
    adminUrl: address.adminUrl,
  };
  await createStore(db, { ...input, maxActive: 1000 });
  return storeId;
};

export const awaitStatus = (
  db: Parameters<typeof findStore>[0],
  storeId: string,
  status: StoreStatus,
  timeoutMs = 60_000,
) =>
  until(
    `${storeId} is ${status}`,
    async () => {
      const store = await findStore(db, storeId);
      if (store?.status === status) return store;
      if (store?.status === 'failed' && status === 'ready')
        throw new Error(`The store failed: ${store.error}`);
      return undefined;
    },
    { timeoutMs },
  );
