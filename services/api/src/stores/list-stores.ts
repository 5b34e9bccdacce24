import { createHash } from 'node:crypto';
import { ListStoresQuery, listLimit } from '@store-platform/shared/contract/api';
import { StageRun } from '@store-platform/shared/contract/stage';
import { Store } from '@store-platform/shared/contract/store';
import { listStores, versionOfPage } from '@store-platform/shared/db/stores';
import { isHeld } from '../entity-tag.ts';
import { parseInput } from '../parse-input.ts';
import type { Answer, ApiDeps, ApiRequest } from '../route.ts';

/** Another release may show other fields of the same rows. */
const shape = createHash('sha1')
  .update([...Object.keys(Store.shape), ...Object.keys(StageRun.shape)].join())
  .digest('base64url')
  .slice(0, 8);

/** A page that the visitor holds already is not read: dashboards ask every few seconds, and seldom is there news. */
export const handleList = async ({ db }: ApiDeps, { query, headers }: ApiRequest): Promise<Answer> => {
  const { limit, cursor } = parseInput(ListStoresQuery, query);
  // Before the page is read: what changes in between is told by the next answer.
  const etag = `W/"${shape}-${await versionOfPage(db, { limit, cursor })}"`;
  if (isHeld(etag, headers['if-none-match'])) return { status: 304, headers: { ETag: etag } };
  const { stores, nextCursor } = await listStores(db, { limit, cursor });
  const next =
    nextCursor && `/api/stores?${limit === listLimit.default ? '' : `limit=${limit}&`}cursor=${nextCursor}`;
  return {
    status: 200,
    body: stores,
    headers: { ETag: etag, ...(next && { Link: `<${next}>; rel="next"` }) },
  };
};
