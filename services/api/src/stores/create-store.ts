import { createHash } from 'node:crypto';
import { z } from 'zod';
import { CreateStoreBody, IdempotencyKey, type CreateStoreAnswer } from '@store-platform/shared/contract/api';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { Store } from '@store-platform/shared/contract/store';
import { storeAddress } from '@store-platform/shared/config/store-url';
import { createStore } from '@store-platform/shared/db/stores';
import { parseInput } from '../parse-input.ts';
import type { Answer, ApiDeps, ApiRequest } from '../route.ts';
import { newStoreId } from './new-store-id.ts';

const idTries = 5;
const IdempotencyHeader = z.object({ 'Idempotency-Key': IdempotencyKey });

/** The row is the promise: 202 is said after the commit, whether the queue has the job yet or not. */
export const handleCreate = async (deps: ApiDeps, request: ApiRequest): Promise<Answer> => {
  const body = parseInput(CreateStoreBody, request.body);
  const idempotency = readIdempotency(request, body);
  const store = await deps.turns.take(() => accept(deps, body, idempotency));
  deps.sender.sendSoon(store.store_id);
  return { status: 202, body: toAnswer(store), headers: { Location: `/api/stores/${store.store_id}` } };
};

const readIdempotency = ({ headers }: ApiRequest, body: CreateStoreBody) => {
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  const { 'Idempotency-Key': key } = parseInput(IdempotencyHeader, { 'Idempotency-Key': given });
  return {
    key,
    hash: createHash('sha256')
      .update(JSON.stringify([body.name, body.type]))
      .digest('hex'),
  };
};

const accept = async (
  { db, config }: ApiDeps,
  { name, type }: CreateStoreBody,
  idempotency: { key: string; hash: string } | undefined,
): Promise<Store> => {
  for (let tries = 0; tries < idTries; tries += 1) {
    const storeId = newStoreId();
    const { url, adminUrl } = storeAddress(storeId, config);
    const accepted = await createStore(db, {
      storeId,
      name,
      type,
      url,
      adminUrl,
      profile: config.profile.name,
      maxActive: config.maxActiveStores,
      ...(idempotency && { idempotency }),
    });
    if (accepted !== 'id taken') return accepted.store;
  }
  throw new PlatformError('internal', 'No free id was found for the store.');
};

export const toAnswer = (store: Store): CreateStoreAnswer => ({
  storeId: store.store_id,
  name: store.name,
  status: store.status,
  url: store.url,
});
