import type { Info } from '@store-platform/shared/contract/api';
import type { StoreEvent } from '@store-platform/shared/contract/event';
import type { Problem } from '@store-platform/shared/contract/problem';
import type { Store } from '@store-platform/shared/contract/store';
import { delay, http, HttpResponse } from 'msw';
import { apiServer } from './api-server.ts';

export interface FakeApi {
  stores: Store[];
  events: StoreEvent[];
  info: Info;
  /** No answer to anything. */
  isAway: boolean;
  /** When set, 401 without it. */
  token: string | undefined;
  isSignedIn: boolean;
  /** When set, what everything is answered with. */
  answerToAll: Problem | undefined;
  /** When set, what the next writes are answered with. */
  refusal: Problem | undefined;
  /** While true, writes hang. */
  isSlow: boolean;
  /** While true, reads hang. */
  isSilent: boolean;
  /** Of each page of the list. */
  pageSize: number;
  /** What was asked, e.g. `GET /api/stores`. */
  readonly asked: string[];
  readonly writes: { readonly call: string; readonly key: string | null; readonly body: unknown }[];
}

export const sampleInfo = (changes: Partial<Info> = {}): Info => ({
  version: '1.0.0',
  cluster: { kind: 'emulated', name: 'emulated cluster' },
  database: 'embedded',
  queue: 'postgresql',
  profile: { name: 'spec', parts: { MySQL: 'mysql:8.0' }, end_of_life: true },
  max_active_stores: 10,
  usual_seconds_to_ready: null,
  stages: [],
  findings: [],
  missing: [],
  ...changes,
});

export const problem = (changes: Partial<Problem>): Problem => ({
  type: 'about:blank',
  title: 'Refused',
  status: 400,
  code: 'invalid_input',
  detail: 'It was refused.',
  hint: 'Do it otherwise.',
  ...changes,
});

const refuse = (body: Problem) => HttpResponse.json(body, { status: body.status });

/** An API that answers from what the test puts into it. */
export const useFakeApi = (initial: Partial<FakeApi> = {}): FakeApi => {
  const api: FakeApi = {
    stores: [],
    events: [],
    info: sampleInfo(),
    isAway: false,
    token: undefined,
    isSignedIn: false,
    answerToAll: undefined,
    refusal: undefined,
    isSlow: false,
    isSilent: false,
    pageSize: 100,
    asked: [],
    writes: [],
    ...initial,
  };
  apiServer.use(door(api), ...sessionHandlers(api), ...readHandlers(api), ...writeHandlers(api));
  return api;
};

/** Every request passes here first. */
const door = (api: FakeApi) =>
  http.all('*/api/*', async ({ request }) => {
    const { pathname } = new URL(request.url);
    const call = `${request.method} ${pathname}`;
    api.asked.push(call);
    if (pathname === '/api/session') return undefined;
    if (request.method !== 'GET') {
      const body: unknown = request.body ? await request.clone().json() : undefined;
      api.writes.push({ call, key: request.headers.get('Idempotency-Key'), body });
      if (api.isSlow) await delay('infinite');
    }
    if (request.method === 'GET' && api.isSilent) await delay('infinite');
    if (api.isAway) return HttpResponse.error();
    if (api.answerToAll) return refuse(api.answerToAll);
    if (api.token !== undefined && !api.isSignedIn) {
      return refuse(
        problem({ status: 401, code: 'unauthenticated', detail: 'The token is missing or wrong.' }),
      );
    }
    return request.method !== 'GET' && api.refusal ? refuse(api.refusal) : undefined;
  });

const sessionHandlers = (api: FakeApi) => [
  http.post<never, { token: string }>('*/api/session', async ({ request }) => {
    const { token } = await request.json();
    api.isSignedIn = token === api.token;
    return api.isSignedIn
      ? new HttpResponse(null, { status: 204 })
      : refuse(problem({ status: 401, code: 'unauthenticated' }));
  }),
  http.delete('*/api/session', () => {
    api.isSignedIn = false;
    return new HttpResponse(null, { status: 204 });
  }),
];

const readHandlers = (api: FakeApi) => [
  http.get('*/api/stores', ({ request }) => {
    const from = Number(new URL(request.url).searchParams.get('cursor') ?? 0);
    const to = from + api.pageSize;
    const more = to < api.stores.length;
    return HttpResponse.json(api.stores.slice(from, to), {
      headers: more ? { Link: `</api/stores?cursor=${to}>; rel="next"` } : {},
    });
  }),
  http.get('*/api/stores/:id', ({ params }) => {
    const store = api.stores.find(({ store_id }) => store_id === params['id']);
    return store
      ? HttpResponse.json({ ...store, events: api.events })
      : refuse(problem({ status: 404, code: 'store_not_found' }));
  }),
  http.get('*/api/metrics', () => {
    const count = (status: Store['status']) => api.stores.filter((store) => store.status === status).length;
    return HttpResponse.json({
      total: api.stores.length,
      active: count('ready'),
      provisioning: count('provisioning'),
      failed: count('failed'),
    });
  }),
  http.get('*/api/info', () => HttpResponse.json(api.info)),
];

const writeHandlers = (api: FakeApi) => [
  http.post('*/api/stores', () =>
    HttpResponse.json(
      { storeId: 'store-newnew12', name: 'New', status: 'provisioning', url: 'http://new.localhost' },
      { status: 202 },
    ),
  ),
  http.post('*/api/stores/:id/retry', ({ params }) =>
    HttpResponse.json(
      { storeId: params['id'], name: 'Again', status: 'provisioning', url: 'http://again.localhost' },
      { status: 202 },
    ),
  ),
  http.delete('*/api/stores/:id', ({ params }) => {
    const isKnown = api.stores.some(({ store_id }) => store_id === params['id']);
    return isKnown
      ? HttpResponse.json({ message: 'Deletion started' }, { status: 202 })
      : refuse(problem({ status: 404, code: 'store_not_found' }));
  }),
];
