import { rm } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { CreateStoreAnswer, StoreList } from '@store-platform/shared/contract/api';
import { StoreDetail, type StoreStatus } from '@store-platform/shared/contract/store';
import { until } from '@store-platform/shared/testing/until';
import { makePlatformFolder } from './make-platform-folder.ts';
import { runPlatform } from './run-platform.ts';

/** Gone when the test ends. */
export const usePlatformFolder = async (): Promise<string> => {
  const folder = await makePlatformFolder();
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

/** How often to look at a store: often enough to see each stage, seldom enough to keep no service from its work. */
const everyMs = 200;

/** On a busy machine the database may not answer in time: as any caller, this one comes back. */
const read = (address: string): Promise<Response> =>
  until(
    `${address} answers`,
    async () => {
      const answer = await fetch(address);
      if (answer.ok) return answer;
      if (answer.status !== 503)
        throw new Error(`${address} answered ${answer.status}: ${await answer.text()}`);
      return undefined;
    },
    { timeoutMs: 30_000, everyMs },
  );

const showStore = async (api: string, storeId: string): Promise<StoreDetail> =>
  StoreDetail.parse(await (await read(`${api}/api/stores/${storeId}`)).json());

/** Looks at each of these stores until all are as wanted. */
export const followAll = (
  api: string,
  storeIds: readonly string[],
  what: string,
  isAsWanted: (store: StoreDetail) => boolean,
  timeoutMs = 60_000,
): Promise<StoreDetail[]> =>
  until(
    what,
    async () => {
      const stores = await Promise.all(storeIds.map((storeId) => showStore(api, storeId)));
      return stores.every(isAsWanted) ? stores : undefined;
    },
    { timeoutMs, everyMs },
  );

export const followTo = async (
  api: string,
  storeId: string,
  status: StoreStatus,
  timeoutMs?: number,
): Promise<StoreDetail> => {
  const [store] = await followAll(
    api,
    [storeId],
    `${storeId} is ${status}`,
    (seen) => {
      if (seen.status === 'failed' && status !== 'failed') throw new Error(`The store failed: ${seen.error}`);
      return seen.status === status;
    },
    timeoutMs,
  );
  if (!store) throw new Error(`${storeId} was not looked at`);
  return store;
};

export const listStores = async ({ api }: Platform) =>
  StoreList.parse(await (await read(`${api}/api/stores`)).json());
