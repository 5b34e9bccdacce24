import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { profiles } from '@store-platform/shared/config/profiles';
import type { StoreRuntime } from '@store-platform/shared/config/settings';
import { listFindings } from '@store-platform/shared/db/cluster-findings';
import { findStore } from '@store-platform/shared/db/stores';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import { namespaces } from '../services/cluster-emulator/src/objects/resources.ts';
import { fetchTiming } from '../services/cluster-emulator/src/packages/fetch-packages.ts';
import { createPackageSources } from '../services/cluster-emulator/src/packages/package-sources.ts';
import {
  shopRuntimes,
  type ShopRuntimesOptions,
} from '../services/cluster-emulator/src/pod-runtime/shop-runtimes.ts';
import { createStandInRuntime } from '../services/cluster-emulator/src/pod-runtime/stand-in/stand-in-runtime.ts';
import {
  startFakeWordpressOrg,
  type FakeWordpressOrg,
} from '../services/cluster-emulator/src/testing/fake-wordpress-org.ts';
import { acceptStore, awaitStatus, usePlatform } from './platform.ts';

/** A platform whose real shops are played by stand-ins, too; where they come from is what matters here. */
const useShops = async (setting: StoreRuntime, how: Partial<FakeWordpressOrg>) => {
  const there = Object.assign(await startFakeWordpressOrg(), how);
  const dataDir = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const sources = createPackageSources({
    dataDir,
    filledFolder: undefined,
    timing: { ...fetchTiming, lookMs: 20_000 },
    logger: silentLogger,
  });
  onTestFinished(() => sources.stop());
  const standIn = createStandInRuntime();
  const profile = { ...profiles.spec, packages: there.wanted };
  const wordpress: ShopRuntimesOptions['wordpress'] = (packagesOf) => ({
    ...standIn,
    needsArchives: () => true,
    run: async (pod, container, io) => {
      try {
        if (pod.app === 'woocommerce') packagesOf(pod);
      } catch (error) {
        io.log.write(error instanceof Error ? error.message : '');
        return { exitCode: 1, reason: 'Error' };
      }
      return standIn.run(pod, container, io);
    },
  });
  const options = { setting, profile, sources, standIn, wordpress };
  const platform = await usePlatform({ runtime: (objects) => shopRuntimes(options, objects) });
  await platform.work();
  return { there, ...platform };
};

it('a store that is created while its archives come says so, waits, and gets ready when they are there', async () => {
  const { there, db, emulator } = await useShops('auto', { isHeld: true });
  const storeId = await acceptStore(db, emulator);
  const told = await until('it says so', async () =>
    (await findStore(db, storeId))?.events.find(({ message }) => message.includes('is being fetched')),
  );
  expect(told).toMatchObject({
    stage: 'wordpress',
    message: 'WordPress 6.4.5 is being fetched: 0 of 0 MB. It goes on by itself.',
  });
  there.isHeld = false;
  await awaitStatus(db, storeId, 'ready');
  const annotations = emulator.store.get(namespaces, undefined, storeId)?.metadata.annotations;
  expect(annotations).toMatchObject({ 'store-platform.dev/runtime': 'wordpress' });
  await until('the dashboard says so', async () =>
    (await listFindings(db)).some(({ code }) => code === 'shops_use_sqlite'),
  );
});

it('a store that must be real and cannot be fails at once, with the reason', async () => {
  const { there, db, emulator } = await useShops('wordpress', { status: 404 });
  const store = await awaitStatus(db, await acceptStore(db, emulator), 'failed');
  expect(store.error).toContain(`There is nothing at ${there.wanted.wordpress.url} (404).`);
});
