import { deleteStore } from '@store-platform/shared/db/stores';
import type { Answer, ApiDeps, ApiRequest } from '../route.ts';
import { storeIdOf, unknownStore } from './store-id-of.ts';

export const handleDelete = async (deps: ApiDeps, { params }: ApiRequest): Promise<Answer> => {
  const storeId = storeIdOf(params);
  if (!(await deleteStore(deps.db, storeId))) throw unknownStore();
  deps.sender.sendSoon(storeId);
  return { status: 202, body: { message: 'Deletion started' } };
};
