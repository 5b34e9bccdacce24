import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { CreateStoreAnswer, StoreList } from '@store-platform/shared/contract/api';
import { StoreDetail, type StoreStatus } from '@store-platform/shared/contract/store';
import { until } from '@store-platform/shared/testing/until';
import { runPlatform } from './run-platform.ts';

/** A folder for one platform's data, which PostgreSQL's own user may enter. */
export const usePlatformFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

export type Platform = Awaited<ReturnType<typeof runPlatform>>;

/** A platform that is ready. Whatever is left of it is killed when the test ends. */
export const startPlatform = async (
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Platform> => {
  const platform = await runPlatform(folder, environment);
  onTestFinished(platform.kill);
  await platform.ready();
  return platform;
};

export const postStore = (api: string, name: string): Promise<Response> =>
  fetch(`${api}/api/stores`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, type: 'woocommerce' }),
  });

/** @returns the id of a store that was accepted. */
export const createStoreOver = async (api: string, name: string): Promise<string> =>
  CreateStoreAnswer.parse(await (await postStore(api, name)).json()).storeId;

export const showStore = async (api: string, storeId: string): Promise<StoreDetail> =>
  StoreDetail.parse(await (await fetch(`${api}/api/stores/${storeId}`)).json());

export const followTo = (api: string, storeId: string, status: StoreStatus): Promise<StoreDetail> =>
  until(
    `${storeId} is ${status}`,
    async () => {
      const store = await showStore(api, storeId);
      if (store.status === 'failed' && status !== 'failed')
        throw new Error(`The store failed: ${store.error}`);
      return store.status === status ? store : undefined;
    },
    60_000,
  );

export const listStores = async ({ api }: Platform) =>
  StoreList.parse(await (await fetch(`${api}/api/stores`)).json());
