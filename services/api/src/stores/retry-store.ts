import { retryStore } from '@store-platform/shared/db/stores';
import type { Answer, ApiDeps, ApiRequest } from '../route.ts';
import { toAnswer } from './create-store.ts';
import { storeIdOf, unknownStore } from './store-id-of.ts';

export const handleRetry = async (deps: ApiDeps, { params }: ApiRequest): Promise<Answer> => {
  const storeId = storeIdOf(params);
  const maxActive = deps.config.maxActiveStores;
  const store = await deps.turns.take(() => retryStore(deps.db, storeId, { maxActive }));
  if (!store) throw unknownStore();
  deps.sender.sendSoon(storeId);
  return { status: 202, body: toAnswer(store), headers: { Location: `/api/stores/${storeId}` } };
};
