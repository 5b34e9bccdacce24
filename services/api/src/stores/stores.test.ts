import { describe, expect, it } from 'vitest';
import { CreateStoreAnswer, StoreList } from '@store-platform/shared/contract/api';
import { StoreDetail } from '@store-platform/shared/contract/store';
import { problemOf, useApi } from '../testing/use-api.ts';

const shop = { name: 'My Shop', type: 'woocommerce' };

describe('creating a store', () => {
  it('is accepted at once, and the store is then found, listed and counted', async () => {
    const { call, post } = await useApi();
    const response = await post('/api/stores', shop);
    expect(response.status).toBe(202);
    const { storeId, name, status, url } = CreateStoreAnswer.parse(await response.json());
    expect([name, status, url]).toEqual(['My Shop', 'provisioning', `http://${storeId}.localhost:8080`]);
    expect(response.headers.get('location')).toBe(`/api/stores/${storeId}`);
    const detail = StoreDetail.parse(await (await call(`/api/stores/${storeId}`)).json());
    expect(detail.stages).toHaveLength(7);
    expect(detail.events[0]?.event_type).toBe('store_created');
    expect(StoreList.parse(await (await call('/api/stores')).json())).toHaveLength(1);
    expect(await (await call('/api/metrics')).json()).toEqual({
      total: 1,
      active: 0,
      provisioning: 1,
      failed: 0,
    });
  });

  it.each([
    [`"Ö" & <b>🛒</b> '; drop table stores; --`],
    ['--title=x'],
    ['$(reboot) `id` ${HOME} %s \\n'],
    ['店舗 🏪 متجر'],
  ])('keeps %s as it was typed', async (name) => {
    const { post } = await useApi();
    const response = await post('/api/stores', { ...shop, name: `  ${name} ` });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ name });
  });

  it.each([
    ['missing', { type: 'woocommerce' }, 'name'],
    ['no text', { ...shop, name: 7 }, 'name'],
    ['too short after trimming', { ...shop, name: '  a  ' }, 'name'],
    ['too long', { ...shop, name: 'x'.repeat(101) }, 'name'],
    ['with control characters', { ...shop, name: 'a\u0007b' }, 'name'],
    ['with a lone surrogate', '{"name":"ab\\ud800","type":"woocommerce"}', 'name'],
    ['of type medusajs', { ...shop, type: 'medusajs' }, 'type'],
    ['of an unknown type', { ...shop, type: 'x' }, 'type'],
  ])(
    'is refused when the name or type is %s, with the field and why, and writes nothing',
    async (_what, body, field) => {
      const { call, post } = await useApi();
      const response = await post('/api/stores', body);
      expect(response.status).toBe(400);
      const problem = await problemOf(response);
      expect(problem.errors?.map((error) => error.field)).toEqual([field]);
      expect(problem.detail.length).toBeGreaterThan(10);
      expect(await (await call('/api/stores')).json()).toEqual([]);
    },
  );

  it('counts a hundred code points, not code units', async () => {
    const { post } = await useApi();
    expect((await post('/api/stores', { ...shop, name: '🏪'.repeat(100) })).status).toBe(202);
    expect((await post('/api/stores', { ...shop, name: '🏪'.repeat(101) })).status).toBe(400);
  });

  it.each([
    ['malformed JSON', '{"name":', 400, 'malformed_json', 'application/json'],
    ['another content type', 'name=x', 415, 'unsupported_media_type', 'application/x-www-form-urlencoded'],
    [
      'more than 16 kB',
      JSON.stringify({ ...shop, more: 'x'.repeat(17_000) }),
      413,
      'body_too_large',
      'application/json',
    ],
  ])('answers %s clearly', async (_what, body, status, code, contentType) => {
    const { post } = await useApi();
    const response = await post('/api/stores', body, { 'content-type': contentType });
    expect(response.status).toBe(status);
    expect((await problemOf(response)).code).toBe(code);
  });

  it('takes ten of thirty at once, and says how to raise the limit', async () => {
    const { post } = await useApi();
    const responses = await Promise.all(Array.from({ length: 30 }, () => post('/api/stores', shop)));
    expect(responses.filter(({ status }) => status === 202)).toHaveLength(10);
    const refused = responses.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(20);
    const [first] = refused;
    expect(first && (await problemOf(first)).hint).toContain('MAX_ACTIVE_STORES');
    expect(first?.headers.get('retry-after')).toBe('30');
  });

  it('is the same store for the same Idempotency-Key, also in parallel, and refuses the key for another body', async () => {
    const { post } = await useApi();
    const headers = { 'idempotency-key': 'one' };
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => (await post('/api/stores', shop, headers)).json()),
    );
    expect(new Set(answers.map((answer) => CreateStoreAnswer.parse(answer).storeId)).size).toBe(1);
    const other = await post('/api/stores', { ...shop, name: 'Another' }, headers);
    expect([other.status, (await problemOf(other)).code]).toEqual([422, 'idempotency_mismatch']);
    expect(
      (await post('/api/stores', shop, { 'idempotency-key': 'with space ' + 'x'.repeat(300) })).status,
    ).toBe(400);
  });
});

describe('the list', () => {
  it('is paged with a Link, newest first, and unchanged is answered with 304', async () => {
    const { call, create } = await useApi();
    const ids: string[] = [];
    for (const name of ['One', 'Two', 'Three']) ids.unshift(await create(name));
    const first = await call('/api/stores?limit=2');
    expect(StoreList.parse(await first.json()).map((store) => store.store_id)).toEqual(ids.slice(0, 2));
    const [, next = ''] = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '') ?? [];
    const second = await call(next);
    expect(StoreList.parse(await second.json()).map((store) => store.store_id)).toEqual(ids.slice(2));
    expect(second.headers.get('link')).toBeNull();
    const etag = first.headers.get('etag') ?? '';
    const again = await call('/api/stores?limit=2', {
      headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' },
    });
    expect(again.status).toBe(304);
  });

  it.each(['limit=0', 'limit=x', 'limit=501', 'cursor=abc'])('refuses %s', async (query) => {
    const { call } = await useApi();
    expect((await call(`/api/stores?${query}`)).status).toBe(400);
  });
});

describe('one store', () => {
  it.each(['store-unknown0', 'nonsense', '..%2f..%2fetc', "store-'%20or%201=1"])(
    'that nobody knows is 404: %s',
    async (id) => {
      const { call, post } = await useApi();
      for (const response of [
        await call(`/api/stores/${id}`),
        await call(`/api/stores/${id}`, { method: 'DELETE' }),
        await post(`/api/stores/${id}/retry`, {}),
      ]) {
        expect([response.status, (await problemOf(response)).code]).toEqual([404, 'store_not_found']);
      }
    },
  );

  it('can be deleted, once and again, and is found after its deletion', async () => {
    const { call, create, db } = await useApi();
    const storeId = await create('My Shop');
    for (const time of ['once', 'again']) {
      const response = await call(`/api/stores/${storeId}`, { method: 'DELETE' });
      expect([time, response.status, await response.json()]).toEqual([
        time,
        202,
        { message: 'Deletion started' },
      ]);
    }
    await db.query("update stores set status = 'deleted'");
    expect(await (await call('/api/stores')).json()).toEqual([]);
    expect(await (await call(`/api/stores/${storeId}`)).json()).toMatchObject({ status: 'deleted' });
  });

  it('can be retried when it failed, and else says why not', async () => {
    const { post, create, db } = await useApi();
    const storeId = await create('My Shop');
    const early = await post(`/api/stores/${storeId}/retry`, {});
    expect([early.status, (await problemOf(early)).detail]).toEqual([
      409,
      'The store is provisioning, so there is nothing to retry.',
    ]);
    await db.query("update stores set status = 'failed', error = 'It broke.'");
    const late = await post(`/api/stores/${storeId}/retry`, {});
    expect([late.status, await late.json()]).toMatchObject([202, { storeId, status: 'provisioning' }]);
  });
});
