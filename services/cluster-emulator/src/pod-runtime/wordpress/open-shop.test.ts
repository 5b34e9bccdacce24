import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, get as httpGet } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { until } from '@store-platform/shared/testing/until';
import { expect, it, onTestFinished } from 'vitest';
import { makeTestFolder } from '../../testing/test-cluster.ts';
import { createAwakeShops } from './awake-shops.ts';
import { openShop, type OpenShop } from './open-shop.ts';

const stub = fileURLToPath(new URL('../../testing/stub-php-worker.mjs', import.meta.url));
const browser = { accept: 'text/html,*/*' };

const open = async (sleepAfterMs = 60_000) => {
  const folder = await makeTestFolder();
  for (const file of ['index.php', 'wp-login.php', 'style.css']) await writeFile(join(folder, file), file);
  const states: boolean[] = [];
  const lines: string[] = [];
  const shop = openShop({
    folder,
    start: () =>
      fork(stub, ['well'], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }),
    awakeShops: createAwakeShops(10),
    timing: { sleepAfterMs, longestRequestMs: 30_000 },
    say: (line) => lines.push(line),
    onAsleep: (asleep) => states.push(asleep),
  });
  onTestFinished(() => shop.close());
  const address = await serve(shop);
  await until('the shop is ready', () => shop.isReady(), { timeoutMs: 20_000 });
  // Not by fetch, which says by itself that it is no browser that opens a page.
  const get = (path: string, headers = {}) =>
    new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      httpGet(`${address}${path}`, { headers }, (response) =>
        resolve(text(response).then((body) => ({ status: response.statusCode, body }))),
      ).on('error', reject);
    });
  return { shop, states, lines, get };
};

const serve = async (shop: OpenShop): Promise<string> => {
  const server = createServer((request, response) => void shop.answer(request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
};

it('a shop without a visitor sleeps, stays ready, serves its files, and wakes for a page', async () => {
  const { shop, states, get } = await open(300);
  await until('it sleeps', () => states.at(-1), { timeoutMs: 20_000 });
  expect((await get('/style.css')).body).toBe('style.css');
  expect(states).toEqual([false, true]);
  expect((await get('/')).status).toBe(200);
  expect(states.slice(0, 3)).toEqual([false, true, false]);
  expect(shop.isReady()).toBe(true);
});

it('a browser that wakes a shop is shown that it waits; others wait for the answer itself', async () => {
  const { states, get } = await open(300);
  const asleep = () => until('it sleeps', () => states.at(-1), { timeoutMs: 20_000 });
  await asleep();
  const page = await get('/slow/2500', browser);
  expect(page.status).toBe(503);
  expect(page.body).toContain('is waking');
  await asleep();
  expect((await get('/slow/2500')).status).toBe(200);
});

it('a browser that meets an awake shop waits for its page, however long it takes', async () => {
  const { get } = await open();
  expect((await get('/slow/1500', browser)).status).toBe(200);
});

it('what WordPress has to do from time to time is done after a visit', async () => {
  const { lines, get } = await open();
  const looks = () => lines.includes('looks what is due');
  expect(looks()).toBe(false);
  await get('/');
  await until('it looks', looks, { timeoutMs: 20_000 });
});
