import {
  CreateStoreAnswer,
  DeleteStoreAnswer,
  StoreList,
  type CreateStoreBody,
} from '@store-platform/shared/contract/api';
import { StoreDetail, type Store } from '@store-platform/shared/contract/store';
import { nextCursor } from './next-cursor.ts';
import { request } from './request.ts';

export interface StorePage {
  readonly stores: readonly Store[];
  /** Names the next page; null on the last. */
  readonly next: string | null;
}

export const listStores = async (cursor: string | null, signal: AbortSignal): Promise<StorePage> => {
  const query = cursor === null ? '' : `?${new URLSearchParams({ cursor }).toString()}`;
  const { value, headers } = await request(`/api/stores${query}`, StoreList, { signal });
  return { stores: value, next: nextCursor(headers.get('Link')) };
};

export const getStore = async (storeId: string, signal: AbortSignal): Promise<StoreDetail> =>
  (await request(`/api/stores/${storeId}`, StoreDetail, { signal })).value;

/** @param key the same for the same intent, so that a repeated call makes no second store. */
export const createStore = async (body: CreateStoreBody, key: string): Promise<CreateStoreAnswer> =>
  (
    await request('/api/stores', CreateStoreAnswer, {
      method: 'POST',
      body,
      headers: { 'Idempotency-Key': key },
    })
  ).value;

export const deleteStore = async (storeId: string): Promise<void> => {
  await request(`/api/stores/${storeId}`, DeleteStoreAnswer, { method: 'DELETE' });
};

export const retryStore = async (storeId: string): Promise<void> => {
  await request(`/api/stores/${storeId}/retry`, CreateStoreAnswer, { method: 'POST' });
};
