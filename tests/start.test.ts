import { describe, expect, it } from 'vitest';
import { provisioningStages } from '@store-platform/shared/contract/stage';
import { connectCluster } from '@store-platform/shared/kube/connect-cluster';
import { openCluster } from '@store-platform/shared/kube/open-cluster';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { expectToSell } from './expect-to-sell.ts';
import {
  createStoreOver,
  followTo,
  listStores,
  postStore,
  startPlatform,
  usePlatformFolder,
  type Platform,
} from './start-platform.ts';
import { visitShop } from './visit-shop.ts';

/** What the queue board shows of a job. */
const jobLog = async (api: string, jobId: string): Promise<string> =>
  (await fetch(`${api}/admin/queues/api/queues/stages/${jobId}/logs`)).text();

const namespaceOf = async ({ kubeconfigPath }: Platform, name: string) => {
  const kubeConfig = connectCluster({ kind: 'emulated', kubeconfigPath, name: 'emulated cluster' });
  const cluster = await openCluster({ kubeConfig, installationId: 'none', logger: silentLogger });
  try {
    return await cluster.get({ kind: 'Namespace', name });
  } finally {
    cluster.close();
  }
};

const isGone = (pid: number): boolean => {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
};

describe('npm start', () => {
  it('makes a store that sells, deletes it without a trace, and leaves nothing running', async () => {
    const platform = await startPlatform(await usePlatformFolder());
    const { api } = platform;
    const storeId = await createStoreOver(api, 'Tea & Co');
    const store = await followTo(api, storeId, 'ready');
    const told = new Set(store.events.map(({ stage }) => stage));
    expect(provisioningStages.filter((stage) => !told.has(stage))).toEqual([]);
    const { body: page } = await visitShop(store.url, platform.ingressPort).get('/shop/');
    expect(page).toContain('Tea &amp; Co');
    expectToSell(page);
    expect(await namespaceOf(platform, storeId)).toBeDefined();

    expect((await fetch(`${api}/api/stores/${storeId}`, { method: 'DELETE' })).status).toBe(202);
    await followTo(api, storeId, 'deleted');
    expect(await listStores(platform)).toEqual([]);
    expect(await namespaceOf(platform, storeId)).toBeUndefined();

    const pids = platform.services().map(({ pid }) => pid);
    expect(await platform.interrupt()).toBe(0);
    expect(platform.output()).toContain('Everything is stopped.');
    expect(pids.filter((pid) => !isGone(pid))).toEqual([]);
  });

  it('accepts ten of thirty stores that are asked for at once, and makes all ten on three workers', async () => {
    const platform = await startPlatform(await usePlatformFolder(), { WORKERS: '3' });
    const { api } = platform;
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, number) => postStore(api, `Shop ${number}`)),
    );
    const statuses = answers.map(({ status }) => status);
    expect([202, 429].map((code) => statuses.filter((status) => status === code).length)).toEqual([10, 20]);
    const accepted = await listStores(platform);
    await Promise.all(accepted.map(({ store_id }) => followTo(api, store_id, 'ready')));
    expect(accepted).toHaveLength(10);
    const workers = await Promise.all(
      accepted.map(async ({ store_id }) => {
        const logs = provisioningStages.map((stage) => jobLog(api, `${store_id}-1-${stage}-1`));
        return new Set((await Promise.all(logs)).map((log) => /process \d+/.exec(log)?.[0])).size;
      }),
    );
    expect(Math.max(...workers)).toBeGreaterThan(1);
  });
});
