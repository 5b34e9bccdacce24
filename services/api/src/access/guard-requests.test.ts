import { describe, expect, it } from 'vitest';
import { refusalOf, sendRaw, shop, useApi } from '../testing/use-api.ts';

describe('a request', () => {
  it('with a Host that is not ours is refused, whatever it asks for', async () => {
    const { base } = await useApi({ corsOrigins: ['https://shops.example'] });
    const hosts: [string, number][] = [
      ['localhost', 200],
      ['localhost:1234', 200],
      ['LOCALHOST', 200],
      ['127.0.0.1', 200],
      ['[::1]:3000', 200],
      ['shops.example', 200],
      ['evil.example', 403],
      ['localhost.evil.example', 403],
      ['evil.example:3000', 403],
      ['127.0.0.1.evil.example', 403],
      ['192.0.2.1', 403],
    ];
    for (const [host, status] of hosts)
      expect([host, (await sendRaw(`${base}/api/stores`, { headers: { host } })).status]).toEqual([
        host,
        status,
      ]);
    for (const path of ['/health', '/api/docs', '/admin/queues', '/nothing']) {
      const response = await sendRaw(`${base}${path}`, { headers: { host: 'evil.example' } });
      expect([path, ...(await refusalOf(response))]).toEqual([path, 403, 'foreign_host']);
    }
  });

  it('that writes from a foreign page is refused, and changes nothing', async () => {
    const { call, post } = await useApi();
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost:3001.evil.example',
      'http://localhost:9999',
      'http://store-aaaaaaaa.localhost:8080',
    ]) {
      for (const response of [
        await post('/api/stores', shop, { origin }),
        await call('/api/stores/store-aaaaaaaa', { method: 'DELETE', headers: { origin } }),
        await post('/api/session', { token: 'x' }, { origin }),
        await call('/admin/queues/api/queues/pause', { method: 'PUT', headers: { origin } }),
      ])
        expect([origin, ...(await refusalOf(response))]).toEqual([origin, 403, 'foreign_origin']);
      expect((await call('/api/stores', { headers: { origin } })).status).toBe(200);
    }
    expect(await (await call('/api/stores')).json()).toEqual([]);
  });

  it("that writes from the dashboard's page, from its own, or from no page is served", async () => {
    const { base, post } = await useApi();
    for (const origin of ['http://localhost:3001', 'http://127.0.0.1:3001', base])
      expect([origin, (await post('/api/stores', shop, { origin })).status]).toEqual([origin, 202]);
    expect((await post('/api/stores', shop)).status).toBe(202);
  });
});

describe('CORS_ORIGIN', () => {
  const ours = 'https://shops.example';

  it('lets its pages read and write, and no others', async () => {
    const { call, post } = await useApi({ corsOrigins: [ours] });
    const created = await post('/api/stores', shop, { origin: ours });
    expect(created.status).toBe(202);
    for (const response of [
      created,
      await call('/api/stores', { headers: { origin: ours } }),
      await call('/api/stores/store-aaaaaaaa', { headers: { origin: ours } }),
    ]) {
      expect(response.headers.get('access-control-allow-origin')).toBe(ours);
      expect(response.headers.get('access-control-expose-headers')).toBe('ETag,Link,Location,Retry-After');
      expect(response.headers.get('vary')).toContain('Origin');
    }
    const other = await call('/api/stores', { headers: { origin: 'https://evil.example' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers a preflight without a token, to its pages alone', async () => {
    const { base } = await useApi({ corsOrigins: [ours], apiToken: 'a-token-of-sixteen' });
    const preflight = (origin: string) =>
      sendRaw(`${base}/api/stores`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const allowed = await preflight(ours);
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, ours]);
    expect(allowed.headers.get('access-control-allow-methods')).toBe('GET,HEAD,POST,DELETE');
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});
