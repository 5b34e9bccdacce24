import { findStore } from '@store-platform/shared/db/stores';
import type { Answer, ApiDeps, ApiRequest } from '../route.ts';
import { storeIdOf, unknownStore } from './store-id-of.ts';

/** Also after its deletion: its history stays readable. */
export const handleShow = async ({ db }: ApiDeps, { params }: ApiRequest): Promise<Answer> => {
  const store = await findStore(db, storeIdOf(params));
  if (!store) throw unknownStore();
  return { status: 200, body: store };
};
