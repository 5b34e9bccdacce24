import { ListStoresQuery, listLimit } from '@store-platform/shared/contract/api';
import { listStores } from '@store-platform/shared/db/stores';
import { parseInput } from '../parse-input.ts';
import type { Answer, ApiDeps, ApiRequest } from '../route.ts';

export const handleList = async ({ db }: ApiDeps, { query }: ApiRequest): Promise<Answer> => {
  const { limit, cursor } = parseInput(ListStoresQuery, query);
  const { stores, nextCursor } = await listStores(db, { limit, cursor });
  const next =
    nextCursor && `/api/stores?${limit === listLimit.default ? '' : `limit=${limit}&`}cursor=${nextCursor}`;
  return { status: 200, body: stores, ...(next && { headers: { Link: `<${next}>; rel="next"` } }) };
};
