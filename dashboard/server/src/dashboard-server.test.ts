import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as ask, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Problem } from '@store-platform/shared/contract/problem';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { expect, onTestFinished, test } from 'vitest';
import { readDashboardConfig } from './dashboard-config.ts';
import { startDashboardServer } from './dashboard-server.ts';

const script = 'export const shops = [];\n'.repeat(100);

const builtFiles = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dashboard-files-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<title>Store Platform</title>');
  await writeFile(join(folder, 'assets', 'index-AbCd1234.js'), script);
  return folder;
};

/** An API that answers with what it was asked. */
const echoApi = async () => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.writeHead(202, { 'Content-Type': 'application/json', 'X-From': 'the API' });
      response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The API has no port.');
  return { url: `http://127.0.0.1:${bound.port}`, stop: () => server.close() };
};

const startServer = async (environment: Record<string, string> = {}, filesFolder?: string) => {
  const server = await startDashboardServer({
    config: { ...readDashboardConfig(environment), port: 0 },
    filesFolder: filesFolder ?? (await builtFiles()),
    logger: silentLogger,
  });
  onTestFinished(() => server.stop());
  return server;
};

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
  readonly text: string;
}

/** Unlike fetch, it lets a test choose the Host. */
const get = async (
  address: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> => {
  const request = ask(address, { method, headers, agent: false });
  request.end(body);
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (!response) throw new Error('No response came.');
  const bytes = Buffer.concat(await response.toArray());
  return { status: response.statusCode, headers: response.headers, bytes, text: bytes.toString() };
};

test('the page is asked for anew each time, its assets are kept for ever', async () => {
  const { address } = await startServer();
  const page = await get(`${address}/`);
  expect(page.text).toBe('<title>Store Platform</title>');
  expect(page.headers['cache-control']).toBe('no-cache');
  expect(page.headers.etag).toBeDefined();
  const asset = await get(`${address}/assets/index-AbCd1234.js`);
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(asset.headers['content-type']).toContain('javascript');
});

test('an unchanged page is answered with 304', async () => {
  const { address } = await startServer();
  const { headers } = await get(`${address}/`);
  const again = await get(`${address}/`, { headers: { 'If-None-Match': headers.etag ?? '' } });
  expect(again.status).toBe(304);
});

test('what browsers take compressed is sent compressed, under an ETag of its own', async () => {
  const { address } = await startServer();
  const plain = await get(`${address}/assets/index-AbCd1234.js`);
  const zipped = await get(`${address}/assets/index-AbCd1234.js`, {
    headers: { 'Accept-Encoding': 'gzip, br' },
  });
  expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  expect(zipped.bytes.length).toBeLessThan(plain.bytes.length);
  expect(gunzipSync(zipped.bytes).toString()).toBe(script);
  expect(plain.text).toBe(script);
  expect(plain.headers.vary).toBe('Accept-Encoding');
  expect(zipped.headers.etag).not.toBe(plain.headers.etag);
});

test.each(['identity', 'gzip;q=0', 'gzip;q=0.0, br'])('"%s" takes no gzip', async (encodings) => {
  const { address } = await startServer();
  const path = `${address}/assets/index-AbCd1234.js`;
  const reply = await get(path, { headers: { 'Accept-Encoding': encodings } });
  expect(reply.headers['content-encoding']).toBeUndefined();
});

test.each(['bytes=10-5', 'bytes=-5', 'bytes=999999-', 'shops=all'])(
  'the Range "%s" is answered with the whole file',
  async (range) => {
    const { address } = await startServer();
    const reply = await get(`${address}/`, { headers: { Range: range } });
    expect(reply.status).toBe(200);
    expect(reply.text).toBe('<title>Store Platform</title>');
  },
);

test('HEAD is answered like GET, without the body', async () => {
  const { address } = await startServer();
  const reply = await get(`${address}/`, { method: 'HEAD' });
  expect(reply.status).toBe(200);
  expect(reply.headers['content-length']).toBe('29');
  expect(reply.text).toBe('');
});

test('a build that empties the folder under a running dashboard breaks nothing', async () => {
  const folder = await builtFiles();
  const { address } = await startServer({}, folder);
  await rm(folder, { recursive: true });
  expect((await get(`${address}/`)).text).toBe('<title>Store Platform</title>');
  expect((await get(`${address}/assets/index-AbCd1234.js`)).text).toBe(script);
});

test.each(['/../package.json', '/%2e%2e/package.json', '/assets', '/assets/', '//index.html', '/.env'])(
  '%s is no file of the dashboard',
  async (path) => {
    const { address } = await startServer();
    const { port } = new URL(address);
    const request = ask({ host: '127.0.0.1', port, path, agent: false });
    request.end();
    const [response]: IncomingMessage[] = await once(request, 'response');
    response?.resume();
    expect(response?.statusCode).toBe(404);
  },
);

test('no inline script or style may run, and nobody may frame the page', async () => {
  const { address } = await startServer();
  const { headers } = await get(`${address}/`);
  const policy = headers['content-security-policy'];
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test.each(['/api/stores?limit=2', '/admin/queues', '/health', '/ready'])("%s is the API's", async (path) => {
  const api = await echoApi();
  const { address } = await startServer({ API_URL: api.url });
  const reply = await get(`${address}${path}`);
  expect(reply.status).toBe(202);
  expect(JSON.parse(reply.text)).toMatchObject({ url: path });
});

test("a path that only begins like one of the API's is not forwarded", async () => {
  const api = await echoApi();
  const { address } = await startServer({ API_URL: api.url });
  const reply = await get(`${address}/apiary`);
  expect(reply.status).toBe(404);
  expect(Problem.parse(JSON.parse(reply.text)).code).toBe('not_found');
});

test("a write reaches the API whole: body, key, cookie and Origin, under the API's own Host", async () => {
  const api = await echoApi();
  const { address } = await startServer({ API_URL: api.url });
  const host = address.replace('http://127.0.0.1', 'localhost');
  const reply = await get(`${address}/api/stores`, {
    method: 'POST',
    headers: {
      Host: host,
      Origin: `http://${host}`,
      Cookie: 'a=b',
      'Idempotency-Key': 'key-1',
      'Content-Type': 'application/json',
    },
    body: '{"name":"My Shop"}',
  });
  expect(JSON.parse(reply.text)).toMatchObject({
    method: 'POST',
    body: '{"name":"My Shop"}',
    headers: {
      host: new URL(api.url).host,
      'x-forwarded-host': host,
      origin: `http://${host}`,
      cookie: 'a=b',
      'idempotency-key': 'key-1',
    },
  });
  // What the API answers is the API's, its headers included.
  expect(reply.headers['x-from']).toBe('the API');
  expect(reply.headers['content-security-policy']).toBeUndefined();
});

test.each(['/', '/api/stores'])('%s is refused under a foreign Host', async (path) => {
  const api = await echoApi();
  const { address } = await startServer({ API_URL: api.url });
  const reply = await get(`${address}${path}`, { headers: { Host: 'rebound.example:3001' } });
  expect(reply.status).toBe(403);
  expect(Problem.parse(JSON.parse(reply.text)).code).toBe('foreign_host');
});

test("a host named in CORS_ORIGIN is one of the dashboard's own", async () => {
  const { address } = await startServer({ CORS_ORIGIN: 'https://shops.example.com' });
  const reply = await get(`${address}/`, { headers: { Host: 'shops.example.com' } });
  expect(reply.status).toBe(200);
});

test('while the API is away it says so with 502, and serves the page all the same', async () => {
  const api = await echoApi();
  api.stop();
  const { address } = await startServer({ API_URL: api.url });
  const reply = await get(`${address}/api/stores`);
  expect(reply.status).toBe(502);
  expect(reply.headers['content-type']).toContain('application/problem+json');
  expect(Problem.parse(JSON.parse(reply.text))).toMatchObject({ code: 'api_away', status: 502 });
  expect((await get(`${address}/`)).status).toBe(200);
});

test('a person who follows a link while the API is away reads a page that leads back', async () => {
  const api = await echoApi();
  api.stop();
  const { address } = await startServer({ API_URL: api.url });
  const reply = await get(`${address}/admin/queues`, { headers: { Accept: 'text/html,*/*' } });
  expect(reply.status).toBe(502);
  expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(reply.text).toContain('<h1>The API does not answer</h1>');
  expect(reply.text).toContain('<a href="/">');
  expect(reply.headers['content-security-policy']).toContain("default-src 'none'");
});

test('where the API listens is not told to those who ask', async () => {
  const api = await echoApi();
  api.stop();
  const { address } = await startServer({ API_URL: api.url });
  expect((await get(`${address}/api/stores`)).text).not.toContain(new URL(api.url).host);
});

test('files are only read', async () => {
  const { address } = await startServer();
  const reply = await get(`${address}/`, { method: 'POST' });
  expect(reply.status).toBe(405);
  expect(reply.headers.allow).toBe('GET, HEAD');
});

test('a dashboard that was not built says how to build it', async () => {
  const config = { ...readDashboardConfig({}), port: 0 };
  const start = startDashboardServer({
    config,
    filesFolder: join(tmpdir(), 'no-such'),
    logger: silentLogger,
  });
  await expect(start).rejects.toThrow('Run npm run build.');
});

test('it listens on loopback unless told otherwise, and elsewhere only with a token', () => {
  expect(readDashboardConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 3001,
    apiUrl: 'http://127.0.0.1:3000',
  });
  expect(() => readDashboardConfig({ HOST: '0.0.0.0' })).toThrow('API_TOKEN');
});

test('in production it asks for none of the settings of others', () => {
  expect(readDashboardConfig({ NODE_ENV: 'production', API_URL: 'http://api:3000/' }).apiUrl).toBe(
    'http://api:3000',
  );
});
