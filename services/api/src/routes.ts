import {
  CreateStoreAnswer,
  CreateStoreBody,
  DeleteStoreAnswer,
  Health,
  Info,
  ListStoresQuery,
  listLimit,
  Metrics,
  Readiness,
  StoreList,
} from '@store-platform/shared/contract/api';
import { StoreDetail } from '@store-platform/shared/contract/store';
import { handleSignIn, handleSignOut, SignInBody } from './access/sign-in.ts';
import { handleHealth } from './health.ts';
import { handleInfo } from './info.ts';
import { handleMetrics } from './metrics.ts';
import { handleReady } from './readiness.ts';
import type { Route } from './route.ts';
import { handleCreate } from './stores/create-store.ts';
import { handleDelete } from './stores/delete-store.ts';
import { handleList } from './stores/list-stores.ts';
import { handleRetry } from './stores/retry-store.ts';
import { handleShow } from './stores/show-store.ts';

const location = { Location: 'Where the store is.' };

/** The whole API. The router, the answers to wrong verbs, the OpenAPI document and its page are all made from this table. */
export const routes: readonly Route[] = [
  {
    name: 'getHealth',
    method: 'get',
    path: '/health',
    access: 'open',
    summary: 'Whether the API runs',
    answer: { status: 200, description: 'It runs.', schema: Health },
    problems: [],
    handle: handleHealth,
  },
  {
    name: 'getReadiness',
    method: 'get',
    path: '/ready',
    access: 'open',
    summary: 'Whether stores can be made, and what is missing if not',
    answer: { status: 200, description: 'Everything is there.', schema: Readiness },
    otherAnswers: [
      {
        status: 503,
        description: 'What is missing.',
        schema: Readiness,
        headers: { 'Retry-After': 'Seconds.' },
      },
    ],
    problems: [],
    handle: handleReady,
  },
  {
    name: 'listStores',
    method: 'get',
    path: '/api/stores',
    access: 'token',
    summary: 'All stores but deleted ones, newest first',
    query: {
      schema: ListStoresQuery,
      descriptions: {
        limit: `Stores on a page, up to ${listLimit.max}.`,
        cursor: 'Where a page begins, as the Link header of the page before says.',
      },
    },
    answer: {
      status: 200,
      description: 'A page of stores.',
      schema: StoreList,
      headers: { Link: 'The next page, rel="next".' },
    },
    problems: ['invalid_input', 'database_away'],
    handle: handleList,
  },
  {
    name: 'createStore',
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
    problems: ['idempotency_mismatch', 'store_limit', 'database_away'],
    handle: handleCreate,
  },
  {
    name: 'showStore',
    method: 'get',
    path: '/api/stores/{id}',
    access: 'token',
    summary: 'One store with its stages and events, also after its deletion',
    answer: { status: 200, description: 'The store.', schema: StoreDetail },
    problems: ['store_not_found', 'database_away'],
    handle: handleShow,
  },
  {
    name: 'deleteStore',
    method: 'delete',
    path: '/api/stores/{id}',
    access: 'token',
    summary: 'Delete a store and everything in it',
    answer: { status: 202, description: 'It goes, in the background.', schema: DeleteStoreAnswer },
    problems: ['store_not_found', 'database_away'],
    handle: handleDelete,
  },
  {
    name: 'retryStore',
    method: 'post',
    path: '/api/stores/{id}/retry',
    access: 'token',
    summary: 'Start a failed store again, on clean ground',
    answer: { status: 202, description: 'It starts again.', schema: CreateStoreAnswer, headers: location },
    problems: ['store_not_found', 'not_failed', 'store_limit', 'database_away'],
    handle: handleRetry,
  },
  {
    name: 'getMetrics',
    method: 'get',
    path: '/api/metrics',
    access: 'token',
    summary: 'How many stores there are',
    answer: { status: 200, description: 'The counts.', schema: Metrics },
    problems: ['database_away'],
    handle: handleMetrics,
  },
  {
    name: 'getInfo',
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
    name: 'signIn',
    method: 'post',
    path: '/api/session',
    access: 'open',
    summary: 'Sign a browser in',
    body: SignInBody,
    answer: { status: 204, description: 'Signed in.', headers: { 'Set-Cookie': 'The session.' } },
    problems: ['unauthenticated', 'too_many_requests'],
    handle: handleSignIn,
  },
  {
    name: 'signOut',
    method: 'delete',
    path: '/api/session',
    access: 'open',
    summary: 'Sign a browser out',
    answer: { status: 204, description: 'Signed out.', headers: { 'Set-Cookie': 'An empty one.' } },
    problems: [],
    handle: handleSignOut,
  },
  {
    name: 'getOpenApi',
    method: 'get',
    path: '/api/openapi.json',
    access: 'token',
    summary: 'This description, for programs',
    answer: { status: 200, description: 'OpenAPI 3.1.', type: 'application/json' },
    problems: [],
    handle: ({ documentation }) => ({ status: 200, body: documentation.document }),
  },
  {
    name: 'getDocs',
    method: 'get',
    path: '/api/docs',
    access: 'token',
    summary: 'This description, for people',
    answer: { status: 200, description: 'A page.', type: 'text/html' },
    problems: [],
    handle: ({ documentation }) => ({ status: 200, body: documentation.page }),
  },
];
