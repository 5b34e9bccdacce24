import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError } from '@store-platform/shared/config/config-error';
import { readApiConfig } from '@store-platform/shared/config/api-config';
import { problemOf, refusalOf, shop, useApi } from '../testing/use-api.ts';

const apiToken = 'a-token-of-sixteen';
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** Signs in and returns the cookie that a browser would send. */
const signIn = async ({ post }: Awaited<ReturnType<typeof useApi>>): Promise<string> => {
  const response = await post('/api/session', { token: apiToken });
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';');
  return cookie;
};

describe('with API_TOKEN set', () => {
  it('everything but health, readiness and the sign-in asks for it, the queue board and its files included', async () => {
    const { call, post } = await useApi({ apiToken });
    for (const path of ['/health', '/health/', '/ready'])
      expect([path, (await call(path)).status]).not.toEqual([path, 401]);
    const guarded = [
      '/api/stores',
      '/api/stores/',
      '/api/stores/store-aaaaaaaa',
      '/api/metrics',
      '/api/info',
      '/api/openapi.json',
      '/api/docs',
      '/admin/queues',
      '/admin/queues/api/queues',
      '/admin/queues/static/js/main.js',
      '/admin/queues/static/images/logo.svg',
      '/HEALTH',
      '/health/more',
      '/nothing',
      '/',
    ];
    for (const path of guarded) {
      const response = await call(path);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect([path, ...(await refusalOf(response))]).toEqual([path, 401, 'unauthenticated']);
      expect([path, (await call(path, bearer(apiToken))).status]).not.toEqual([path, 401]);
    }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      expect([method, (await call('/api/stores', { method })).status]).toEqual([method, 401]);
    expect((await post('/api/stores', shop, bearer(apiToken).headers)).status).toBe(202);
  });

  it('a signed-out browser that opens a page is led to the sign-in, a program reads why not', async () => {
    const { call, config } = await useApi({ apiToken });
    const open = (path: string, headers: Record<string, string>, method = 'GET') =>
      call(path, { method, redirect: 'manual', headers });
    const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const signIn = `http://127.0.0.1:${config.dashboardPort}/`;
    for (const path of ['/admin/queues', '/admin/queues/queue/stages', '/api/docs']) {
      const led = await open(path, browser);
      expect([path, led.status, led.headers.get('location')]).toEqual([path, 302, signIn]);
      const through = await open(path, { ...browser, 'x-forwarded-host': '127.0.0.1:3001' });
      expect([path, through.headers.get('location')]).toEqual([path, '/']);
      expect([path, (await open(path, { accept: 'application/json' })).status]).toEqual([path, 401]);
    }
    expect((await open('/api/stores', browser)).status).toBe(401);
    expect((await open('/admin/queues/api/queues/stages/pause', browser, 'PUT')).status).toBe(401);
    const wrong = await open('/admin/queues', { ...browser, authorization: 'Bearer a-wrong-one' });
    expect(wrong.status).toBe(401);
    expect((await open('/admin/queues', { ...browser, ...bearer(apiToken).headers })).status).toBe(200);
  });

  it('only the token itself, as a Bearer token, will do', async () => {
    const { call } = await useApi({ apiToken });
    const others = [
      `Bearer ${apiToken}x`,
      `Bearer ${apiToken.slice(1)}`,
      `Bearer ${apiToken.toUpperCase()}`,
      `Bearer`,
      `Basic ${Buffer.from(`admin:${apiToken}`).toString('base64')}`,
      apiToken,
    ];
    for (const authorization of others) {
      const response = await call('/api/stores', { headers: { authorization } });
      const problem = await problemOf(response);
      expect([authorization, response.status]).toEqual([authorization, 401]);
      expect(JSON.stringify(problem)).not.toContain(apiToken);
    }
    expect((await call('/api/stores', { headers: { authorization: `bearer  ${apiToken}` } })).status).toBe(
      200,
    );
  });

  it('a browser signs in once and holds a session that is not the token, and out again', async () => {
    const api = await useApi({ apiToken });
    const { call, post } = api;
    expect(await refusalOf(await post('/api/session', { token: 'wrong' }))).toEqual([401, 'unauthenticated']);
    expect(await refusalOf(await post('/api/session', {}))).toEqual([400, 'invalid_input']);
    const signedIn = await post('/api/session', { token: apiToken });
    const setCookie = signedIn.headers.get('set-cookie') ?? '';
    expect([signedIn.status, setCookie]).toEqual([
      204,
      expect.stringMatching(/Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect(setCookie).not.toContain(apiToken);
    const secure = await post('/api/session', { token: apiToken }, { 'x-forwarded-proto': 'https' });
    expect(secure.headers.get('set-cookie')).toMatch(/; Secure$/);
    const [cookie = ''] = setCookie.split(';');
    const statusWith = async (value: string) =>
      (await call('/api/stores', { headers: { cookie: value } })).status;
    expect((await call('/admin/queues', { headers: { cookie } })).status).toBe(200);
    expect(await statusWith(`theme=dark; ${cookie}; more=1`)).toBe(200);
    for (const forged of [
      `${cookie}x`,
      `not_${cookie}`,
      cookie.replace(/=\d/, '=9'),
      'store_platform_session=',
    ])
      expect([forged, await statusWith(forged)]).toEqual([forged, 401]);
    const out = await call('/api/session', { method: 'DELETE', headers: { cookie } });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
  });

  it('ten wrong tokens an address are all, at the sign-in and elsewhere, and nobody else is slowed down', async () => {
    const api = await useApi({ apiToken });
    const { call, post } = api;
    const cookie = await signIn(api);
    const guess = (n: number) =>
      n % 2 === 0 ? call('/api/stores', bearer(`guess-${n}`)) : post('/api/session', { token: `guess-${n}` });
    for (let n = 0; n < 10; n += 1) expect((await guess(n)).status).toBe(401);
    // Requests without a token, or with the right session, are no guesses, and neither is refused for them.
    expect((await call('/api/stores')).status).toBe(401);
    expect((await call('/api/stores', { headers: { cookie } })).status).toBe(200);
    for (const response of [
      await guess(10),
      await guess(11),
      await call('/api/stores', bearer(apiToken)),
      await post('/api/session', { token: apiToken }),
    ]) {
      expect(await refusalOf(response)).toEqual([429, 'too_many_requests']);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(50);
    }
    // The dashboard's server on this machine says whose request it passes on.
    const elsewhere = { authorization: `Bearer ${apiToken}`, 'x-forwarded-for': '203.0.113.7' };
    expect((await call('/api/stores', { headers: elsewhere })).status).toBe(200);
    expect((await call('/health')).status).toBe(200);
  });

  it('guesses that arrive in one packet are counted one by one', async () => {
    const { port } = await useApi({ apiToken });
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const tokens = Array.from({ length: 40 }, (_, n) => (n === 30 ? apiToken : `guess-${n}`));
    const statuses = await new Promise<string[]>((resolve, reject) => {
      let text = '';
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        text += chunk.toString();
        const seen = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = '']) => status);
        if (seen.length === tokens.length) resolve(seen);
      });
      socket.write(
        tokens
          .map(
            (token) => `GET /api/info HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`,
          )
          .join(''),
      );
    });
    expect(statuses).toEqual(tokens.map((_, n) => (n < 10 ? '401' : '429')));
  });

  it('any number of requests with the right token may be under way', async () => {
    const { call } = await useApi({ apiToken });
    const responses = await Promise.all(
      Array.from({ length: 30 }, () => call('/api/metrics', bearer(apiToken))),
    );
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('without API_TOKEN', () => {
  it('the sign-in succeeds and gives no session, because there is no door', async () => {
    const { post } = await useApi();
    const response = await post('/api/session', { token: 'anything' });
    expect([response.status, response.headers.get('set-cookie')]).toEqual([204, null]);
  });

  it('nothing starts where others could reach it', () => {
    const settings = { DATABASE_URL: 'postgresql://127.0.0.1/x', HOST: '0.0.0.0' };
    expect(() => readApiConfig(settings)).toThrow(ConfigError);
    expect(() => readApiConfig(settings)).toThrow(/HOST is "0\.0\.0\.0".*set API_TOKEN too/);
    expect(readApiConfig({ ...settings, API_TOKEN: apiToken }).host).toBe('0.0.0.0');
  });
});
