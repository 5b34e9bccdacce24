import { describe, expect, it } from 'vitest';
import { StoreDetail } from '@store-platform/shared/contract/store';
import { problemOf, refusalOf, sendRaw, shop, useApi } from '../testing/use-api.ts';

describe('a store that nobody knows', () => {
  it('is 404 to show, delete and retry, however ill-formed its id', async () => {
    const { base } = await useApi();
    const ids = [
      'store-unknown0',
      'nonsense',
      'STORE-ABCDEFGH',
      'store-abcdefghi',
      'store-abcdefg',
      '%E0%A4%A',
      '%00',
      'store-abcdefg%0a',
      '..%2f..%2fetc',
      "store-'%20or%201=1",
      `store-${'a'.repeat(5000)}`,
    ];
    for (const id of ids) {
      for (const [method, path] of [
        ['GET', id],
        ['DELETE', id],
        ['POST', `${id}/retry`],
      ] as const) {
        const response = await sendRaw(`${base}/api/stores/${path}`, { method });
        const { status, hint } = await problemOf(response);
        expect([method, id, status, hint.length > 0]).toEqual([method, id, 404, true]);
      }
    }
  });
});

describe('one store', () => {
  it('is shown with its stages and its events, the newest last', async () => {
    const { call, create } = await useApi();
    const storeId = await create('My Shop');
    await call(`/api/stores/${storeId}`, { method: 'DELETE' });
    const { stages, events } = StoreDetail.parse(await (await call(`/api/stores/${storeId}`)).json());
    expect(stages.map(({ stage }) => stage)).toEqual([
      'namespace',
      'volumes',
      'mysql',
      'wordpress',
      'wp-cli',
      'ingress',
      'verify',
      'teardown',
    ]);
    expect(events.map(({ event_type }) => event_type)).toEqual(['store_created', 'delete_requested']);
    for (const { message } of events) expect(message).toMatch(/^[A-Z].*\.$/);
  });

  it('that sleeps is ready, in its own answer, in the list and in the metrics', async () => {
    const { call, create, db } = await useApi();
    const storeId = await create('My Shop');
    const asleep_since = '2026-01-05T12:00:00.123Z';
    await db.query("update stores set status = 'ready', asleep_since = $1", [asleep_since]);
    const asleep = { status: 'ready', asleep_since, unavailable_since: null };
    expect(await (await call(`/api/stores/${storeId}`)).json()).toMatchObject(asleep);
    expect(await (await call('/api/stores')).json()).toMatchObject([asleep]);
    expect(await (await call('/api/metrics')).json()).toMatchObject({ total: 1, active: 1 });
    await db.query('update stores set asleep_since = null');
    expect(await (await call('/api/stores')).json()).toMatchObject([{ ...asleep, asleep_since: null }]);
  });

  it('can be deleted, once and again with the same answer, and is found with its history afterwards', async () => {
    const { call, create, db } = await useApi();
    const storeId = await create('My Shop');
    const remove = async () => {
      const response = await call(`/api/stores/${storeId}`, { method: 'DELETE' });
      return [response.status, await response.json()];
    };
    const started = [202, { message: 'Deletion started' }];
    expect([await remove(), await remove()]).toEqual([started, started]);
    await db.query("update stores set status = 'deleted'");
    expect(await remove()).toEqual(started);
    expect(await (await call('/api/stores')).json()).toEqual([]);
    const detail = StoreDetail.parse(await (await call(`/api/stores/${storeId}`)).json());
    expect([detail.status, detail.events.map(({ event_type }) => event_type)]).toEqual([
      'deleted',
      ['store_created', 'delete_requested'],
    ]);
  });

  it('can be retried when it failed, and otherwise says why not', async () => {
    const { post, create, db } = await useApi();
    const storeId = await create('My Shop');
    const retry = () => post(`/api/stores/${storeId}/retry`, {});
    for (const status of ['provisioning', 'ready', 'deleting', 'deleted']) {
      await db.query('update stores set status = $1', [status]);
      const response = await retry();
      const { code, detail } = await problemOf(response);
      expect([response.status, code, detail]).toEqual([
        409,
        'not_failed',
        `The store is ${status}, so there is nothing to retry.`,
      ]);
    }
    await db.query("update stores set status = 'failed', error = 'It broke.'");
    const response = await retry();
    expect([response.status, await response.json()]).toMatchObject([
      202,
      { storeId, name: 'My Shop', status: 'provisioning' },
    ]);
    expect(response.headers.get('location')).toBe(`/api/stores/${storeId}`);
  });

  it('counts against the limit when it is retried', async () => {
    const { post, create, db } = await useApi({ maxActiveStores: 1 });
    const failed = await create('My Shop');
    await db.query("update stores set status = 'failed'");
    await create('Another');
    expect(await refusalOf(await post(`/api/stores/${failed}/retry`, {}))).toEqual([429, 'store_limit']);
  });

  it('needs no body to be retried or deleted, and minds none', async () => {
    const { base, create, db } = await useApi();
    const storeId = await create(shop.name);
    await db.query("update stores set status = 'failed'");
    const headers = { 'content-type': 'text/plain' };
    const retry = { method: 'POST', headers, body: 'again, please' };
    expect((await sendRaw(`${base}/api/stores/${storeId}/retry`, retry)).status).toBe(202);
    const remove = { method: 'DELETE', headers, body: 'x'.repeat(20_000) };
    expect((await sendRaw(`${base}/api/stores/${storeId}`, remove)).status).toBe(202);
  });
});
