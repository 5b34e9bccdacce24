import { createServer, connect, type Socket } from 'node:net';
import { request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { Info, Readiness } from '@store-platform/shared/contract/api';
import { readApiConfig } from '@store-platform/shared/config/api-config';
import { registerWorker } from '@store-platform/shared/db/workers';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { createTestDatabase } from '@store-platform/shared/testing/test-database';
import { until } from '@store-platform/shared/testing/until';
import { startApi } from './api.ts';
import { routes } from './routes.ts';
import { problemOf, useApi } from './testing/use-api.ts';

const OpenApi = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) })),
  ),
});

const shop = { name: 'My Shop', type: 'woocommerce' };

/** `fetch` may not set Host. */
const statusWithHost = (base: string, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    request(`${base}/api/stores`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

describe('the API', () => {
  it('says that it runs, what it is, and what is missing', async () => {
    const { call, db } = await useApi();
    expect(await (await call('/health')).json()).toMatchObject({ status: 'ok' });
    expect(Info.parse(await (await call('/api/info')).json())).toMatchObject({
      cluster: { kind: 'emulated' },
      max_active_stores: 10,
    });
    const without = await call('/ready');
    expect([without.status, Readiness.parse(await without.json()).missing.map(({ part }) => part)]).toEqual([
      503,
      ['worker'],
    ]);
    await registerWorker(db, { id: '00000000-0000-4000-8000-000000000000', host: 'here', pid: 1 });
    expect((await call('/ready')).status).toBe(200);
  });

  it('answers unknown paths with 404 and wrong verbs with 405 and Allow', async () => {
    const { call } = await useApi();
    const unknown = await call('/api/nothing');
    expect([unknown.status, (await problemOf(unknown)).code]).toEqual([404, 'not_found']);
    const wrong = await call('/api/stores', { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow'), (await problemOf(wrong)).code]).toEqual([
      405,
      'GET, HEAD, POST',
      'method_not_allowed',
    ]);
    expect((await call('/%E0%A4%A')).status).toBe(404);
    expect((await call('/api/stores/%E0%A4%A')).status).toBe(400);
  });

  it('documents every route of its table', async () => {
    const { call } = await useApi();
    const document = OpenApi.parse(await (await call('/api/openapi.json')).json());
    for (const { path, method, answer } of routes)
      expect(document.paths[path]?.[method]?.responses).toHaveProperty(String(answer.status));
    const page = await (await call('/api/docs')).text();
    for (const { summary } of routes) expect(page).toContain(summary);
  });

  it('refuses foreign hosts, and writes from foreign pages', async () => {
    const { base, post } = await useApi();
    expect(await statusWithHost(base, 'evil.example')).toBe(403);
    expect(await statusWithHost(base, 'localhost:1234')).toBe(200);
    const foreign = await post('/api/stores', shop, { origin: 'https://evil.example' });
    expect([foreign.status, (await problemOf(foreign)).code]).toEqual([403, 'foreign_origin']);
    expect((await post('/api/stores', shop, { origin: 'null' })).status).toBe(403);
    expect((await post('/api/stores', shop, { origin: 'http://localhost:3001' })).status).toBe(202);
  });

  it('lets other origins read only when CORS_ORIGIN names them', async () => {
    const { call } = await useApi({ corsOrigins: ['https://shops.example'] });
    const allowed = await call('/api/stores', { headers: { origin: 'https://shops.example' } });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shops.example');
    expect(allowed.headers.get('access-control-expose-headers')).toBe('ETag,Link,Location,Retry-After');
    const other = await call('/api/stores', { headers: { origin: 'https://evil.example' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('shows the stage jobs on its queue board', async () => {
    const { call, create } = await useApi();
    const storeId = await create('My Shop');
    expect(await (await call('/admin/queues')).text()).toContain('Store Platform');
    const board = await (
      await call('/admin/queues/api/queues?activeQueue=stages&status=latest&page=1&jobsPerPage=10')
    ).json();
    expect(JSON.stringify(board)).toContain(`${storeId}-1-namespace-1`);
  });
});

describe('with a token', () => {
  const apiToken = 'a-token-of-sixteen';
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  it('everything but health, readiness and the sign-in asks for it', async () => {
    const { call } = await useApi({ apiToken });
    expect((await call('/health')).status).toBe(200);
    for (const path of [
      '/api/stores',
      '/api/info',
      '/api/openapi.json',
      '/api/docs',
      '/admin/queues',
      '/admin/queues/api/queues',
      '/nothing',
    ]) {
      const response = await call(path);
      expect([path, response.status, (await problemOf(response)).code]).toEqual([
        path,
        401,
        'unauthenticated',
      ]);
    }
    expect((await call('/api/stores', bearer(apiToken))).status).toBe(200);
    expect((await call('/api/stores', bearer(`${apiToken}x`))).status).toBe(401);
  });

  it('a browser signs in once and holds a session that is not the token', async () => {
    const { call, post } = await useApi({ apiToken });
    expect((await post('/api/session', { token: 'wrong' })).status).toBe(401);
    const signedIn = await post('/api/session', { token: apiToken });
    const setCookie = signedIn.headers.get('set-cookie') ?? '';
    expect([signedIn.status, setCookie]).toEqual([204, expect.stringMatching(/HttpOnly; SameSite=Strict/)]);
    expect(setCookie).not.toContain(apiToken);
    const [cookie = ''] = setCookie.split(';');
    expect((await call('/admin/queues', { headers: { cookie } })).status).toBe(200);
    expect((await call('/api/stores', { headers: { cookie: `${cookie}x` } })).status).toBe(401);
    expect(
      (await call('/api/session', { method: 'DELETE', headers: { cookie } })).headers.get('set-cookie'),
    ).toContain('Max-Age=0');
  });

  it('guesses are slowed down', async () => {
    const { call } = await useApi({ apiToken });
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess += 1)
      statuses.push((await call('/api/stores', bearer(`guess-${guess}`))).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  });
});

/** A wire to PostgreSQL that can be cut, or left hanging. */
const useWire = async (target: URL) => {
  const state = { mode: 'open' as 'open' | 'cut' | 'hang' };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (state.mode === 'cut') {
      client.destroy();
      return;
    }
    sockets.add(client);
    client.on('error', () => {});
    if (state.mode === 'hang') return;
    const upstream = connect(Number(target.port), target.hostname);
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const set = (mode: typeof state.mode) => {
    state.mode = mode;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  onTestFinished(() => {
    set('cut');
    server.close();
  });
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, set };
};

describe('when something is away', () => {
  it.each(['cut', 'hang'] as const)(
    'a database that is %s gives 503 within two seconds, and recovers',
    async (mode) => {
      const database = await createTestDatabase();
      onTestFinished(() => database.drop());
      const url = new URL(database.url);
      const wire = await useWire(new URL(database.url));
      url.port = String(wire.port);
      const config = { ...readApiConfig({ DATABASE_URL: url.href }), port: 0 };
      const api = await startApi({ config, logger: silentLogger });
      onTestFinished(() => api.stop());
      const ask = () => fetch(`http://127.0.0.1:${api.port}/api/stores`);
      expect((await ask()).status).toBe(200);
      wire.set(mode);
      const started = performance.now();
      const response = await ask();
      expect([
        response.status,
        (await problemOf(response)).code,
        response.headers.get('retry-after'),
      ]).toEqual([503, 'database_away', '2']);
      expect(performance.now() - started).toBeLessThan(2000);
      wire.set('open');
      await until('it recovers', async () => (await ask()).status === 200);
    },
  );

  it('a queue that is away does not keep a store from being accepted, and readiness says so', async () => {
    const { call, post } = await useApi({ redisUrl: 'redis://127.0.0.1:1' });
    expect((await post('/api/stores', shop)).status).toBe(202);
    const ready = Readiness.parse(await (await call('/ready')).json());
    expect(ready.missing.map(({ part }) => part)).toContain('queue');
  });
});
