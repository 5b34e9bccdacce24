import {
  CreateStoreAnswer,
  CreateStoreBody,
  DeleteStoreAnswer,
  Health,
  Info,
  ListStoresQuery,
  Metrics,
  Readiness,
  RetryStoreAnswer,
  StoreList,
} from '@store-platform/shared/contract/api';
import { StoreDetail } from '@store-platform/shared/contract/store';
import { countStores } from '@store-platform/shared/db/stores';
import { handleSignIn, handleSignOut, SignInBody } from './access/sign-in.ts';
import { handleInfo } from './info.ts';
import { handleReady } from './readiness.ts';
import type { Route } from './route.ts';
import { handleCreate } from './stores/create-store.ts';
import { handleDelete } from './stores/delete-store.ts';
import { handleList } from './stores/list-stores.ts';
import { handleRetry } from './stores/retry-store.ts';
import { handleShow } from './stores/show-store.ts';

const location = { Location: 'Where the store is.' };

/** The whole API. The router, the answers to wrong verbs and the OpenAPI document are all made from this table. */
export const routes: readonly Route[] = [
  {
    method: 'get',
    path: '/health',
    access: 'open',
    summary: 'Whether the API runs',
    answer: { status: 200, description: 'It runs.', schema: Health },
    problems: [],
    handle: () => ({ status: 200, body: { status: 'ok', timestamp: new Date().toISOString() } }),
  },
  {
    method: 'get',
    path: '/ready',
    access: 'open',
    summary: 'Whether stores can be made, and what is missing if not (503)',
    answer: { status: 200, description: 'Everything is there.', schema: Readiness },
    problems: [],
    handle: handleReady,
  },
  {
    method: 'get',
    path: '/api/stores',
    access: 'token',
    summary: 'All stores but deleted ones, newest first',
    query: ListStoresQuery,
    requestHeaders: { 'If-None-Match': 'The ETag of the last answer; unchanged is answered with 304.' },
    answer: {
      status: 200,
      description: 'A page of stores.',
      schema: StoreList,
      headers: { Link: 'The next page, rel="next".', ETag: 'Names this answer.' },
    },
    problems: ['invalid_input', 'database_away'],
    handle: handleList,
  },
  {
    method: 'post',
    path: '/api/stores',
    access: 'token',
    summary: 'Create a store',
    body: CreateStoreBody,
    requestHeaders: { 'Idempotency-Key': 'The same key again gives the same store.' },
    answer: {
      status: 202,
      description: 'The store is accepted.',
      schema: CreateStoreAnswer,
      headers: location,
    },
    problems: [
      'invalid_input',
      'malformed_json',
      'unsupported_media_type',
      'body_too_large',
      'idempotency_mismatch',
      'store_limit',
      'database_away',
    ],
    handle: handleCreate,
  },
  {
    method: 'get',
    path: '/api/stores/{id}',
    access: 'token',
    summary: 'One store with its stages and events, also after its deletion',
    answer: { status: 200, description: 'The store.', schema: StoreDetail },
    problems: ['store_not_found', 'database_away'],
    handle: handleShow,
  },
  {
    method: 'delete',
    path: '/api/stores/{id}',
    access: 'token',
    summary: 'Delete a store and everything in it',
    answer: { status: 202, description: 'It goes, in the background.', schema: DeleteStoreAnswer },
    problems: ['store_not_found', 'database_away'],
    handle: handleDelete,
  },
  {
    method: 'post',
    path: '/api/stores/{id}/retry',
    access: 'token',
    summary: 'Start a failed store again, on clean ground',
    answer: { status: 202, description: 'It starts again.', schema: RetryStoreAnswer, headers: location },
    problems: ['store_not_found', 'not_failed', 'store_limit', 'database_away'],
    handle: handleRetry,
  },
  {
    method: 'get',
    path: '/api/metrics',
    access: 'token',
    summary: 'How many stores there are',
    answer: { status: 200, description: 'The counts.', schema: Metrics },
    problems: ['database_away'],
    handle: async ({ db }) => ({ status: 200, body: await countStores(db) }),
  },
  {
    method: 'get',
    path: '/api/info',
    access: 'token',
    summary: 'What this installation is',
    answer: {
      status: 200,
      description: 'What is embedded or emulated, the profile, the limit.',
      schema: Info,
    },
    problems: ['database_away'],
    handle: handleInfo,
  },
  {
    method: 'post',
    path: '/api/session',
    access: 'open',
    summary: 'Sign a browser in',
    body: SignInBody,
    answer: { status: 204, description: 'Signed in.', headers: { 'Set-Cookie': 'The session.' } },
    problems: ['invalid_input', 'malformed_json', 'unauthenticated', 'too_many_requests'],
    handle: handleSignIn,
  },
  {
    method: 'delete',
    path: '/api/session',
    access: 'open',
    summary: 'Sign a browser out',
    answer: { status: 204, description: 'Signed out.' },
    problems: [],
    handle: handleSignOut,
  },
];
