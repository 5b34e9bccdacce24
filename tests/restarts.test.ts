import { describe, expect, it } from 'vitest';
import { until } from '@store-platform/shared/testing/until';
import { expectToSell } from './expect-to-sell.ts';
import {
  createStoreOver,
  followAll,
  followTo,
  listStores,
  startPlatform,
  usePlatformFolder,
  type Platform,
} from './start-platform.ts';
import { visitShop } from './visit-shop.ts';

const patience = { timeoutMs: 60_000, everyMs: 200 };

describe('a store', () => {
  it('survives the death of every worker, a restart, and the death of everything', async () => {
    const folder = await usePlatformFolder();
    const first = await startPlatform(folder, { WORKERS: '3', EMULATOR_READY_AFTER_MS: '3000' });
    const storeId = await createStoreOver(first.api, 'My Shop');
    await followAll(first.api, [storeId], 'MySQL is waited for', ({ stages }) =>
      stages.some(({ stage, status }) => stage === 'mysql' && status === 'running'),
    );
    const workers = first.services().filter(({ name }) => name.startsWith('worker'));
    expect(workers).toHaveLength(3);
    for (const { pid } of workers) process.kill(pid, 'SIGKILL');
    const { url } = await followTo(first.api, storeId, 'ready');
    expectToSell(await until('the shop is open', () => openShop(first, url), patience));
    await first.interrupt();

    const second = await startPlatform(folder);
    expect((await listStores(second)).map(({ store_id, status }) => [store_id, status])).toEqual([
      [storeId, 'ready'],
    ]);
    expectToSell(await until('the shop is open again', () => openShop(second, url), patience));
    await second.kill();

    const third = await startPlatform(folder);
    expect(await listStores(third)).toHaveLength(1);
    expectToSell(await until('the shop is open again', () => openShop(third, url), patience));
  });
});

/** Its pods start with the cluster; until they run, the ingress says 503. */
const openShop = async (platform: Platform, url: string): Promise<string | undefined> => {
  const { status, body } = await visitShop(url, platform.ingressPort).get('/shop/');
  return status === 200 ? body : undefined;
};
