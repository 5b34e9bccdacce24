import { createServer, type RequestListener } from 'node:http';
import { afterEach, expect, it, vi } from 'vitest';
import { listenOnLoopback } from '@store-platform/shared/testing/listen-on-loopback';
import { createShopVisitor } from './shop-visitor.ts';

afterEach(() => void vi.useRealTimers());

const serve = async (answer: RequestListener) => {
  const server = createServer(answer);
  const port = await listenOnLoopback(server);
  return createShopVisitor(
    { url: 'http://shop.localhost', address: { host: '127.0.0.1', port } },
    new AbortController().signal,
  );
};

it('a visit that is never answered ends after fifteen seconds', async () => {
  let asked = () => {};
  const heard = new Promise<void>((resolve) => (asked = resolve));
  const visitor = await serve(() => asked());
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const visit = visitor.get('/').then(
    () => 'answered',
    (error: unknown) => error,
  );
  await heard;
  vi.advanceTimersByTime(15_000);
  expect(await visit).toMatchObject({
    code: 'ingress_away',
    message: expect.stringContaining('no whole answer in time'),
  });
});

it('follows redirects of the shop to where they lead, at the same address', async () => {
  const visitor = await serve((request, response) => {
    if (request.url === '/shop?x=1') return response.end(`at ${request.headers.host}`);
    return response.writeHead(301, { location: 'http://elsewhere.example/shop?x=1' }).end();
  });
  expect(await visitor.get('/')).toMatchObject({ status: 200, body: 'at shop.localhost' });
});
