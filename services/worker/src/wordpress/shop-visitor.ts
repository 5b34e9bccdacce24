import { request } from 'node:http';
import { PlatformError } from '@store-platform/shared/contract/problem';

interface Visit {
  readonly status: number;
  readonly body: string;
  readonly location: string;
  /** What the Store API wants back with each write. */
  readonly nonce: string;
}

/** One visitor, with a cookie jar of its own. */
export interface ShopVisitor {
  get(path: string, options?: { follow: boolean }): Promise<Visit>;
  post(path: string, body: unknown, nonce: string): Promise<Visit>;
}

const answerMs = 15_000;
const longestBody = 4_000_000;
const mostRedirects = 3;

/**
 * Visits a shop at the ingress' address with the shop's own name in the Host header, so that no machine must resolve it
 * (`fetch` can't set Host).
 */
export const createShopVisitor = (
  { url, address }: { url: string; address: { host: string; port: number } },
  signal: AbortSignal,
): ShopVisitor => {
  const { host } = new URL(url);
  const cookies = new Map<string, string>();

  const send = (method: string, path: string, headers: Record<string, string> = {}, text?: string) =>
    new Promise<Visit>((resolve, reject) => {
      const call = request({
        ...address,
        method,
        path,
        signal,
        headers: { host, ...(cookies.size > 0 && { cookie: cookieHeader(cookies) }), ...headers },
      });
      const timer = setTimeout(() => call.destroy(new Error('no whole answer in time')), answerMs);
      call.on('close', () => clearTimeout(timer));
      call.on('error', (error) => reject(notReached(address, error)));
      call.on('response', (response) => {
        keepCookies(cookies, response.headers['set-cookie'] ?? []);
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (body.length < longestBody) body += chunk;
        });
        response.on('error', (error) => reject(notReached(address, error)));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body,
            location: response.headers.location ?? '',
            nonce: String(response.headers['nonce'] ?? ''),
          }),
        );
      });
      call.end(text);
    });

  return {
    get: async (path, { follow } = { follow: true }) => {
      let visit = await send('GET', path);
      for (let hops = follow ? mostRedirects : 0; visit.location && hops > 0; hops -= 1) {
        const target = new URL(visit.location, url);
        visit = await send('GET', `${target.pathname}${target.search}`);
      }
      return visit;
    },
    post: (path, body, nonce) =>
      send('POST', path, { 'content-type': 'application/json', nonce }, JSON.stringify(body)),
  };
};

const notReached = ({ host, port }: { host: string; port: number }, cause: Error & { code?: string }) =>
  new PlatformError('ingress_away', `Nothing answers at ${host}:${port}: ${cause.code ?? cause.message}.`, {
    cause,
  });

const cookieHeader = (cookies: ReadonlyMap<string, string>) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

const keepCookies = (cookies: Map<string, string>, headers: readonly string[]) => {
  for (const header of headers) {
    const [pair = ''] = header.split(';');
    const at = pair.indexOf('=');
    if (at > 0) cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1));
  }
};
