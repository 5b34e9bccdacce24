import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CreateStoreAnswer, StoreList } from '@store-platform/shared/contract/api';
import { StoreDetail } from '@store-platform/shared/contract/store';
import { until } from '@store-platform/shared/testing/until';
import { problemOf, refusalOf, sendRaw, shop, useApi } from '../testing/use-api.ts';

const json = { 'content-type': 'application/json' };

describe('a store that is created', () => {
  it('is accepted at once, and is then found, listed and counted', async () => {
    const { call, post } = await useApi();
    const response = await post('/api/stores', shop);
    expect(response.status).toBe(202);
    const { storeId, name, status, url } = CreateStoreAnswer.parse(await response.json());
    expect([name, status, url]).toEqual(['My Shop', 'provisioning', `http://${storeId}.localhost:8080`]);
    expect(storeId).toMatch(/^store-[a-z0-9]{8}$/);
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

  it('keeps its name as it was typed, whatever the script or syntax', async () => {
    const { call, create } = await useApi({ maxActiveStores: 100 });
    const names = [
      `"Ö" & <b>🛒</b> '; drop table stores; --`,
      '<script>alert(1)</script>',
      '--title=x',
      '-rf',
      '$(reboot) `id` ${HOME} %s \\n',
      '店舗 🏪',
      'متجر الشاي \u202e!',
      'e\u0301'.repeat(50),
      '👩‍👩‍👧 family',
      '{{name}} %00 \\u0000',
      'null',
      '12',
    ];
    for (const name of names) {
      const storeId = await create(`  ${name}\n`);
      expect(await (await call(`/api/stores/${storeId}`)).json()).toMatchObject({ name });
    }
  });

  it('has a name of 2 to 100 code points, however many bytes or code units they take', async () => {
    const { post } = await useApi({ maxActiveStores: 100 });
    const statusOf = async (name: string) => (await post('/api/stores', { ...shop, name })).status;
    for (const character of ['x', '🏪', '\u0301', '店']) {
      expect([character, await statusOf(character)]).toEqual([character, 400]);
      expect([character, await statusOf(character.repeat(2))]).toEqual([character, 202]);
      expect([character, await statusOf(character.repeat(100))]).toEqual([character, 202]);
      expect([character, await statusOf(character.repeat(101))]).toEqual([character, 400]);
    }
  });

  it('takes nothing but name and type from its body, the last of two that are called the same', async () => {
    const { call, post } = await useApi();
    const body =
      '{"name":"Old","name":"My Shop","type":"woocommerce","status":"ready","store_id":"store-aaaaaaaa","__proto__":{"type":"x"},"constructor":1}';
    const response = await post('/api/stores', body);
    const { storeId } = CreateStoreAnswer.parse(await response.json());
    expect(storeId).not.toBe('store-aaaaaaaa');
    expect(await (await call(`/api/stores/${storeId}`)).json()).toMatchObject({
      name: 'My Shop',
      status: 'provisioning',
    });
  });

  it('may come compressed, chunked, or with a charset', async () => {
    const { base } = await useApi();
    const text = JSON.stringify({ ...shop, name: 'Möbel' });
    const ways: [Record<string, string>, string | Buffer][] = [
      [{ ...json, 'content-encoding': 'gzip' }, gzipSync(text)],
      [{ ...json, 'transfer-encoding': 'chunked' }, text],
      [{ 'content-type': 'application/json; charset=UTF-8' }, text],
    ];
    for (const [headers, body] of ways) {
      const response = await sendRaw(`${base}/api/stores`, { method: 'POST', headers, body });
      expect([response.status, await response.json()]).toMatchObject([202, { name: 'Möbel' }]);
    }
  });
});

describe('a store that cannot be made', () => {
  it('is refused with the field and why, and nothing is written', async () => {
    const { call, post, db } = await useApi();
    const table: [string, unknown, string, RegExp][] = [
      ['no name', { type: 'woocommerce' }, 'name', /needed/],
      ['name null', { ...shop, name: null }, 'name', /must be text/],
      ['name no text', { ...shop, name: 7 }, 'name', /must be text/],
      ['name a list', { ...shop, name: ['My Shop'] }, 'name', /must be text/],
      ['name too short after trimming', { ...shop, name: '  a  ' }, 'name', /at least 2/],
      ['name white space', { ...shop, name: ' \u00a0\u3000 ' }, 'name', /at least 2/],
      ['name too long', { ...shop, name: 'x'.repeat(101) }, 'name', /at most 100/],
      ['name with a bell', { ...shop, name: 'a\u0007b' }, 'name', /control characters/],
      ['name with NUL', { ...shop, name: 'a\u0000b' }, 'name', /control characters/],
      ['name of two lines', { ...shop, name: 'a\nb' }, 'name', /control characters/],
      ['name with C1', { ...shop, name: 'a\u0085b' }, 'name', /control characters/],
      ['lone surrogate', '{"name":"ab\\ud800","type":"woocommerce"}', 'name', /surrogate/],
      ['turned surrogates', '{"name":"a\\udc00\\ud800b","type":"woocommerce"}', 'name', /surrogate/],
      ['no type', { name: 'My Shop' }, 'type', /"woocommerce" can be made; "medusajs" is planned/],
      ['type medusajs', { ...shop, type: 'medusajs' }, 'type', /"woocommerce" can be made/],
      ['type unknown', { ...shop, type: 'x' }, 'type', /"woocommerce" can be made/],
      ['type in capitals', { ...shop, type: 'WooCommerce' }, 'type', /"woocommerce" can be made/],
      ['a list', '[]', 'body', /must be a JSON object/],
      ['a text', '"My Shop"', 'body', /must be a JSON object/],
      ['a number', '7', 'body', /must be a JSON object/],
      ['null', 'null', 'body', /must be a JSON object/],
    ];
    for (const [what, body, field, why] of table) {
      const response = await post('/api/stores', body);
      const { code, detail, errors } = await problemOf(response);
      expect([what, response.status, code, errors?.map((error) => error.field)]).toEqual([
        what,
        400,
        'invalid_input',
        [field],
      ]);
      expect(errors?.[0]?.message).toMatch(why);
      expect(detail).toMatch(why);
    }
    expect(await (await call('/api/stores')).json()).toEqual([]);
    expect(await db.query('select store_id from stores')).toEqual([]);
  });

  it('is told of both fields at once when both are wrong, or when there is no body', async () => {
    const { call, post } = await useApi();
    for (const response of [
      await post('/api/stores', {}),
      await call('/api/stores', { method: 'POST' }),
      await post('/api/stores', ''),
    ]) {
      expect(response.status).toBe(400);
      expect((await problemOf(response)).errors?.map(({ field }) => field)).toEqual(['name', 'type']);
    }
  });

  it('is refused when its body is no JSON, not sent as JSON, or too large, however it is sent', async () => {
    const { base, db } = await useApi();
    const text = JSON.stringify(shop);
    const large = JSON.stringify({ ...shop, more: 'x'.repeat(17_000) });
    const form = 'application/x-www-form-urlencoded';
    const latin1 = Buffer.from(JSON.stringify({ ...shop, name: 'Möbel' }), 'latin1');
    const table: [string, Record<string, string>, string | Buffer, number, string][] = [
      ['cut off', json, '{"name":', 400, 'malformed_json'],
      ['single quotes', json, "{'name':'My Shop'}", 400, 'malformed_json'],
      ['no UTF-8', json, latin1, 400, 'malformed_json'],
      [
        'UTF-16',
        { 'content-type': 'application/json; charset=utf-16le' },
        Buffer.from(text, 'utf16le'),
        400,
        'malformed_json',
      ],
      ['broken gzip', { ...json, 'content-encoding': 'gzip' }, text, 400, 'malformed_json'],
      ['a form', { 'content-type': form }, 'name=x', 415, 'unsupported_media_type'],
      ['plain text', { 'content-type': 'text/plain' }, text, 415, 'unsupported_media_type'],
      [
        'plain text, chunked',
        { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' },
        text,
        415,
        'unsupported_media_type',
      ],
      ['of no type', {}, text, 415, 'unsupported_media_type'],
      [
        'another charset',
        { 'content-type': 'application/json; charset=latin1' },
        text,
        415,
        'unsupported_media_type',
      ],
      [
        'unknown compression',
        { ...json, 'content-encoding': 'compress' },
        text,
        415,
        'unsupported_media_type',
      ],
      ['large', json, large, 413, 'body_too_large'],
      ['large, chunked', { ...json, 'transfer-encoding': 'chunked' }, large, 413, 'body_too_large'],
      ['a zip bomb', { ...json, 'content-encoding': 'gzip' }, gzipSync(large), 413, 'body_too_large'],
    ];
    for (const [what, headers, body, status, code] of table) {
      const response = await sendRaw(`${base}/api/stores`, { method: 'POST', headers, body });
      expect([what, ...(await refusalOf(response))]).toEqual([what, status, code]);
    }
    expect(await db.query('select store_id from stores')).toEqual([]);
  });

  it('is refused above the limit: of thirty at once ten are accepted, and the rest hear how to raise it', async () => {
    const { post, db } = await useApi();
    const responses = await Promise.all(Array.from({ length: 30 }, () => post('/api/stores', shop)));
    expect(responses.filter(({ status }) => status === 202)).toHaveLength(10);
    const refused = responses.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(20);
    for (const response of refused) {
      const { code, detail, hint } = await problemOf(response);
      expect([code, detail]).toEqual(['store_limit', expect.stringContaining('10 active stores')]);
      expect(hint).toContain('MAX_ACTIVE_STORES');
      expect(response.headers.get('retry-after')).toBe('30');
    }
    expect(await db.query('select count(*) as count from stores')).toEqual([{ count: 10 }]);
  });

  it('waits its turn without a connection of its own, so that whoever reads meanwhile is served', async () => {
    const { call, post, db } = await useApi({ maxActiveStores: 100 });
    await db.transaction(async (sql) => {
      // Nobody writes, everybody reads.
      await sql.query('lock table stores in exclusive mode');
      const creating = Array.from({ length: 20 }, () => post('/api/stores', shop));
      await until('a create waits', async () => {
        const waiting = await db.query(
          "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        );
        return waiting.length > 0;
      });
      expect((await call('/api/stores')).status).toBe(200);
      await sql.query('rollback');
      await Promise.all(creating);
    });
    expect((await post('/api/stores', shop)).status).toBe(202);
  });

  it('counts stores against the limit until they are gone, and failed ones not at all', async () => {
    const { post, db } = await useApi({ maxActiveStores: 1 });
    expect((await post('/api/stores', shop)).status).toBe(202);
    for (const [status, answer] of [
      ['provisioning', 429],
      ['ready', 429],
      ['deleting', 429],
      ['failed', 202],
    ]) {
      await db.query('delete from stores where store_id <> (select min(store_id) from stores)');
      await db.query('update stores set status = $1', [status]);
      expect([status, (await post('/api/stores', shop)).status]).toEqual([status, answer]);
    }
  });
});

describe('an Idempotency-Key', () => {
  it('makes one store of several requests, also in parallel, also at the limit', async () => {
    const { post, db } = await useApi({ maxActiveStores: 1 });
    const send = () => post('/api/stores', shop, { 'idempotency-key': 'order-7' });
    const responses = [...(await Promise.all([send(), send(), send(), send(), send()])), await send()];
    expect(responses.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202]);
    const answers = await Promise.all(
      responses.map(async (response) => CreateStoreAnswer.parse(await response.json()).storeId),
    );
    expect(new Set(answers).size).toBe(1);
    expect(await db.query('select store_id from stores')).toEqual([{ store_id: answers[0] }]);
  });

  it('is refused for another body, and keeps nothing of a request that was refused', async () => {
    const { post } = await useApi();
    const headers = { 'idempotency-key': 'one' };
    expect((await post('/api/stores', { ...shop, name: 'x' }, headers)).status).toBe(400);
    expect((await post('/api/stores', shop, headers)).status).toBe(202);
    // What the contract doesn't know, and white space around a name, make no other body.
    expect((await post('/api/stores', { more: 1, ...shop, name: ' My Shop ' }, headers)).status).toBe(202);
    const other = await post('/api/stores', { ...shop, name: 'Another' }, headers);
    expect(await refusalOf(other)).toEqual([422, 'idempotency_mismatch']);
  });

  it('has 1 to 255 printable ASCII characters', async () => {
    const { base } = await useApi();
    const send = (key: string) =>
      sendRaw(`${base}/api/stores`, {
        method: 'POST',
        headers: { ...json, 'idempotency-key': key },
        body: JSON.stringify(shop),
      });
    for (const key of ['!', '~', 'k'.repeat(255)])
      expect([key, (await send(key)).status]).toEqual([key, 202]);
    for (const key of ['k'.repeat(256), '', 'two words', 'schlüssel']) {
      const { status, errors } = await problemOf(await send(key));
      expect([key, status, errors?.map(({ field }) => field)]).toEqual([key, 400, ['Idempotency-Key']]);
    }
  });
});
