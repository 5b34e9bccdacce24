import { describe, expect, it } from 'vitest';
import { StoreList } from '@store-platform/shared/contract/api';
import { insertSampleStore } from '@store-platform/shared/testing/sample-store';
import { problemOf, sendRaw, useApi } from '../testing/use-api.ts';

const idsOf = async (response: Response): Promise<string[]> =>
  StoreList.parse(await response.json()).map(({ store_id }) => store_id);

const nextOf = (response: Response): string | undefined =>
  /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];

describe('the list of stores', () => {
  it('leads from page to page, each store once, newest first, while others are created', async () => {
    const { call, db } = await useApi();
    const ids: string[] = [];
    for (let made = 0; made < 250; made += 1) ids.unshift(await insertSampleStore(db, { maxActive: 1000 }));
    const pages: string[][] = [];
    for (let path: string | undefined = '/api/stores'; path !== undefined;) {
      const response: Response = await call(path);
      pages.push(await idsOf(response));
      path = nextOf(response);
      await insertSampleStore(db, { maxActive: 1000 });
    }
    expect(pages.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(pages.flat()).toEqual(ids);
  });

  it('keeps the limit that was asked for in its Link, and has none on the last page', async () => {
    const { call, create } = await useApi();
    const ids = [await create('One'), await create('Two'), await create('Three'), await create('Four')];
    const first = await call('/api/stores?limit=2');
    expect(await idsOf(first)).toEqual([ids[3], ids[2]]);
    const next = nextOf(first) ?? '';
    expect(next).toContain('limit=2');
    const second = await call(next);
    expect(await idsOf(second)).toEqual([ids[1], ids[0]]);
    expect(second.headers.get('link')).toBeNull();
    expect(await idsOf(await call('/api/stores?limit=500&more=1'))).toHaveLength(4);
  });

  it('shows stores of every status but deleted ones', async () => {
    const { call, create, db } = await useApi();
    const storeId = await create('My Shop');
    for (const [status, shown] of [
      ['ready', 1],
      ['failed', 1],
      ['deleting', 1],
      ['deleted', 0],
    ]) {
      await db.query('update stores set status = $1 where store_id = $2', [status, storeId]);
      expect([status, (await idsOf(await call('/api/stores'))).length]).toEqual([status, shown]);
    }
  });

  it('refuses a limit or a cursor that is none, and says which', async () => {
    const { call } = await useApi();
    const table: [string, string, RegExp][] = [
      ['limit=0', 'limit', /whole number from 1 to 500/],
      ['limit=-1', 'limit', /whole number/],
      ['limit=501', 'limit', /whole number/],
      ['limit=1.5', 'limit', /whole number/],
      ['limit=abc', 'limit', /whole number/],
      ['limit=', 'limit', /whole number/],
      ['limit=5&limit=6', 'limit', /whole number/],
      ['cursor=abc', 'cursor', /Link header/],
      ['cursor=', 'cursor', /Link header/],
      ['cursor=-5', 'cursor', /Link header/],
      ['cursor=1%20or%201=1', 'cursor', /Link header/],
      ['cursor=99999999999999999999', 'cursor', /Link header/],
      ['cursor=5&cursor=6', 'cursor', /Link header/],
    ];
    for (const [query, field, why] of table) {
      const response = await call(`/api/stores?${query}`);
      const { errors } = await problemOf(response);
      expect([query, response.status, errors?.map((error) => error.field)]).toEqual([query, 400, [field]]);
      expect(errors?.[0]?.message).toMatch(why);
    }
    expect(await idsOf(await call('/api/stores?cursor=999999999999999999'))).toEqual([]);
  });
});

describe('an answer that the visitor holds already', () => {
  it('is 304 without a body, for the list and for one store, until something changes', async () => {
    const { base, create, db } = await useApi();
    const storeId = await create('My Shop');
    for (const path of ['/api/stores', `/api/stores/${storeId}`]) {
      const ask = (headers = {}, method = 'GET') => sendRaw(`${base}${path}`, { method, headers });
      const etag = (await ask()).headers.get('etag') ?? '';
      const held = { 'if-none-match': etag };
      const again = await ask(held);
      expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
      expect((await ask(held, 'HEAD')).status).toBe(304);
      // As `fetch` sends it.
      expect((await ask({ ...held, 'cache-control': 'no-cache' })).status).toBe(304);
      expect((await ask({ 'if-none-match': `"other", ${etag.replace('W/', '')}` })).status).toBe(304);
      expect((await ask({ 'if-none-match': '"other"' })).status).toBe(200);
      await db.query("update stage_runs set status = 'running' where stage = 'mysql' and store_id = $1", [
        storeId,
      ]);
      expect((await ask(held)).status).toBe(200);
      await db.query("update stage_runs set status = 'waiting' where stage = 'mysql'");
    }
  });

  it('is told apart by whatever a card shows, and by nothing else', async () => {
    const { base, create, db } = await useApi();
    const storeId = await create('My Shop');
    const tag = async () => (await sendRaw(`${base}/api/stores`)).headers.get('etag') ?? '';
    const changes = [
      "update stage_runs set error = 'It broke.' where stage = 'mysql'",
      "update stage_runs set watching_since = clock_timestamp() where stage = 'mysql'",
      "update stage_runs set status = 'due', due_at = clock_timestamp() - interval '1 hour' where stage = 'mysql'",
      'update stores set unavailable_since = clock_timestamp()',
      'update stores set asleep_since = clock_timestamp()',
      'update stores set asleep_since = null',
    ];
    const seen = [await tag()];
    for (const change of changes) {
      await db.query(change);
      seen.push(await tag());
    }
    await create('Another');
    seen.push(await tag());
    await db.query("update stores set status = 'deleted' where store_id = $1", [storeId]);
    seen.push(await tag());
    expect(new Set(seen).size).toBe(seen.length);
    await db.query('update stage_runs set sent_at = clock_timestamp(), epoch = epoch + 1');
    expect(await tag()).toBe(seen.at(-1));
  });
});
