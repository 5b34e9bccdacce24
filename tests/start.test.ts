import { describe, expect, it } from 'vitest';
import { StoreList } from '@store-platform/shared/contract/api';
import { provisioningStages } from '@store-platform/shared/contract/stage';
import { connectCluster } from '@store-platform/shared/kube/connect-cluster';
import { openCluster } from '@store-platform/shared/kube/open-cluster';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import {
  createStoreOver,
  followTo,
  postStore,
  showStore,
  startPlatform,
  usePlatformFolder,
  type Platform,
} from './start-platform.ts';
import { visitShop } from './visit-shop.ts';

const products = [
  ['Wireless Headphones', '$99.99'],
  ['Bluetooth Speaker', '$49.99'],
  ['USB-C Cable', '$9.99'],
] as const;

const listStores = async ({ api }: Platform) =>
  StoreList.parse(await (await fetch(`${api}/api/stores`)).json());

const shopPage = async ({ ingressPort }: Platform, url: string): Promise<string> =>
  (await visitShop(url, ingressPort).get('/shop/')).body;

const times = (text: string, part: string): number => text.split(part).length - 1;

const expectToSell = (page: string) => {
  for (const [name, price] of products) {
    expect(times(page, `>${name}<`), name).toBe(1);
    expect(page).toContain(price);
  }
};

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
    const page = await shopPage(platform, store.url);
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
    const { api } = await startPlatform(await usePlatformFolder(), { WORKERS: '3' });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, number) => postStore(api, `Shop ${number}`)),
    );
    const statuses = answers.map(({ status }) => status);
    expect([202, 429].map((code) => statuses.filter((status) => status === code).length)).toEqual([10, 20]);
    const accepted = StoreList.parse(await (await fetch(`${api}/api/stores`)).json());
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

  it('survives the death of every worker, a restart, and the death of everything', async () => {
    const folder = await usePlatformFolder();
    const first = await startPlatform(folder, { WORKERS: '3', EMULATOR_READY_AFTER_MS: '3000' });
    const storeId = await createStoreOver(first.api, 'My Shop');
    await until('MySQL is waited for', async () => {
      const { stages } = await showStore(first.api, storeId);
      return stages.some(({ stage, status }) => stage === 'mysql' && status === 'running');
    });
    const workers = first.services().filter(({ name }) => name.startsWith('worker'));
    expect(workers).toHaveLength(3);
    for (const { pid } of workers) process.kill(pid, 'SIGKILL');
    const { url } = await followTo(first.api, storeId, 'ready');
    expectToSell(await shopPage(first, url));
    await first.interrupt();

    const second = await startPlatform(folder);
    expect((await listStores(second)).map(({ store_id, status }) => [store_id, status])).toEqual([
      [storeId, 'ready'],
    ]);
    expectToSell(await until('the shop is open again', () => openShop(second, url)));
    await second.kill();

    const third = await startPlatform(folder);
    expect(await listStores(third)).toHaveLength(1);
    expectToSell(await until('the shop is open again', () => openShop(third, url)));
  });
});

/** Its pods start with the cluster; until they run, the ingress says 503. */
const openShop = async (platform: Platform, url: string): Promise<string | undefined> => {
  const { status, body } = await visitShop(url, platform.ingressPort).get('/shop/');
  return status === 200 ? body : undefined;
};
