import { describe, expect, it } from 'vitest';
import { replaceFindings } from '@store-platform/shared/db/cluster-findings';
import { Info, Readiness } from '@store-platform/shared/contract/api';
import { registerWorker, retireWorker } from '@store-platform/shared/db/workers';
import type { Route } from './route.ts';
import { routes } from './routes.ts';
import { problemOf, refusalOf, sendRaw, shop, useApi } from './testing/use-api.ts';

const aWorker = { id: '00000000-0000-4000-8000-000000000000', host: 'here', pid: 1 };

describe('each call of the table', () => {
  it('answers what it says that it answers, with no field or header more or less', async () => {
    const { base, create, db } = await useApi();
    await registerWorker(db, aWorker);
    const doomed = await create('My Shop');
    const failed = await create('My Shop');
    await db.query(
      `update stores set status = 'failed', error = 'It broke.', error_code = 'crash_loop', error_hint = 'Look.'
       where store_id = $1`,
      [failed],
    );
    const bodyOf = ({ name }: Route) =>
      name === 'createStore' ? shop : name === 'signIn' ? { token: 'any' } : undefined;
    for (const route of routes) {
      const { name, method, path, answer } = route;
      const body = bodyOf(route);
      const query = name === 'listStores' ? '?limit=1' : '';
      const response = await sendRaw(
        `${base}${path.replace('{id}', name === 'deleteStore' ? doomed : failed)}${query}`,
        {
          method: method.toUpperCase(),
          ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        },
      );
      expect([name, response.status]).toEqual([name, answer.status]);
      // Without a token there is no session to give.
      for (const header of Object.keys(answer.headers ?? {}).filter((header) => header !== 'Set-Cookie'))
        expect([name, header, response.headers.get(header)]).not.toContain(null);
      if (!answer.schema) continue;
      const json: unknown = await response.json();
      // A schema drops what it doesn't know.
      expect([name, answer.schema.parse(json)]).toEqual([name, json]);
    }
  });

  it('that reads can be asked for its head alone', async () => {
    const { base, create } = await useApi();
    const storeId = await create('My Shop');
    for (const { path } of routes.filter(({ method }) => method === 'get')) {
      const url = `${base}${path.replace('{id}', storeId)}`;
      const [head, get] = [await sendRaw(url, { method: 'HEAD' }), await sendRaw(url)];
      expect([path, head.status, await head.text()]).toEqual([path, get.status, '']);
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
      expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
    }
  });

  it('says which verbs its address takes, when asked and when it is called with another', async () => {
    const { call } = await useApi();
    const verbs = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
    for (const path of new Set(routes.map((route) => route.path))) {
      const own = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
      const allow = [...own.flatMap((verb) => (verb === 'GET' ? ['GET', 'HEAD'] : [verb])), 'OPTIONS'].join(
        ', ',
      );
      const address = path.replace('{id}', 'store-aaaaaaaa');
      for (const method of verbs.filter((verb) => !own.includes(verb))) {
        const wrong = await call(address, { method });
        expect([method, path, wrong.headers.get('allow'), ...(await refusalOf(wrong))]).toEqual([
          method,
          path,
          allow,
          405,
          'method_not_allowed',
        ]);
      }
      const asked = await call(address, { method: 'OPTIONS' });
      expect([path, asked.status, asked.headers.get('allow')]).toEqual([path, 204, allow]);
    }
  });

  it('has one address: with a slash at its end, but in no other spelling', async () => {
    const { base } = await useApi();
    for (const path of ['/api/stores/', '/health/', '/api/stores?name=%E0%A4%A'])
      expect([path, (await sendRaw(`${base}${path}`)).status]).toEqual([path, 200]);
    for (const path of [
      '/API/stores',
      '/api/Stores',
      '/api//stores',
      '/api/stores/store-aaaaaaaa/retry/more',
      '/api',
      '/',
      '/%E0%A4%A',
      '/api/%73tores',
    ]) {
      const { status, code, hint } = await problemOf(await sendRaw(`${base}${path}`));
      expect([path, status, code, hint]).toEqual([
        path,
        404,
        'not_found',
        expect.stringContaining('/api/docs'),
      ]);
    }
    expect((await sendRaw(`${base}/api/nothing`, { method: 'OPTIONS' })).status).toBe(404);
  });
});

describe('the platform', () => {
  it('is ready when a worker lives, and says what is missing when none does', async () => {
    const { call, db } = await useApi();
    const missing = async () => {
      const response = await call('/ready');
      const { status, missing } = Readiness.parse(await response.json());
      return [response.status, status, ...missing.map(({ part }) => part)];
    };
    expect(await missing()).toEqual([503, 'not ready', 'worker']);
    await registerWorker(db, aWorker);
    expect(await missing()).toEqual([200, 'ready']);
    await retireWorker(db, aWorker.id);
    expect(await missing()).toEqual([503, 'not ready', 'worker']);
    await db.query('delete from schema_migrations');
    expect(await missing()).toEqual([503, 'not ready', 'migrations']);
  });

  it('is not ready while somebody keeps the queue paused on its board, and the board can resume it', async () => {
    const { call, db, base } = await useApi();
    await registerWorker(db, aWorker);
    const press = (button: string) =>
      sendRaw(`${base}/admin/queues/api/queues/stages/${button}`, { method: 'PUT' });
    expect((await press('pause')).status).toBe(200);
    const ready = await call('/ready');
    const { missing } = Readiness.parse(await ready.json());
    expect(ready.status).toBe(503);
    expect(missing).toEqual([
      { part: 'queue', reason: expect.stringMatching(/^The queue is paused.*\/admin\/queues\.$/) },
    ]);
    expect(Info.parse(await (await call('/api/info')).json()).missing).toEqual(missing);
    expect((await press('resume')).status).toBe(200);
    expect((await call('/ready')).status).toBe(200);
  });

  it('counts its stores: deleted ones in no card, deleting ones only in the total', async () => {
    const { call, create, db } = await useApi();
    const statuses = ['provisioning', 'ready', 'ready', 'failed', 'deleting', 'deleted'];
    for (const status of statuses)
      await db.query('update stores set status = $1 where store_id = $2', [status, await create('My Shop')]);
    expect(await (await call('/api/metrics')).json()).toEqual({
      total: 5,
      active: 2,
      provisioning: 1,
      failed: 1,
    });
  });

  it('says what it is made of, its limit, and how long a store usually takes', async () => {
    const { call, create, db } = await useApi({ maxActiveStores: 7 });
    const info = async () => Info.parse(await (await call('/api/info')).json());
    expect(await info()).toMatchObject({
      cluster: { kind: 'emulated', name: 'emulated cluster' },
      database: 'external',
      queue: 'postgresql',
      profile: { name: 'spec', parts: { MySQL: 'mysql:8.0', WooCommerce: '9.1.2' }, end_of_life: true },
      max_active_stores: 7,
      usual_seconds_to_ready: null,
    });
    for (const seconds of [10, 30, 500])
      await db.query(
        "update stores set status = 'ready', ready_at = started_at + make_interval(secs => $1) where store_id = $2",
        [seconds, await create('My Shop')],
      );
    expect((await info()).usual_seconds_to_ready).toBe(30);
    const finding = { code: 'no_ingress_class', message: 'No ingress class.', hint: 'Install one.' } as const;
    expect((await info()).findings).toEqual([]);
    await replaceFindings(db, [finding]);
    expect((await info()).findings).toMatchObject([finding]);
    expect((await info()).stages.map(({ stage }) => stage)).toEqual([
      'namespace',
      'volumes',
      'mysql',
      'wordpress',
      'wp-cli',
      'ingress',
      'verify',
    ]);
  });
});
