import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Sessions, Session } from './sessions.ts';
import type { ShopState } from './shop-state.ts';

/** One request to a shop, with all that its pages need. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly session: Session;
  readonly sessions: Sessions;
  readonly state: ShopState;
  /** Changes the shop, whole or not at all. */
  change(alter: (state: ShopState) => void): void;
}

const largestBodyBytes = 64_000;

/** Read to its end and dropped: a visitor who still sends would miss the answer. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** @throws BodyTooLargeError */
export const readBody = async ({ request }: Pick<Visit, 'request'>): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes <= largestBodyBytes) chunks.push(part);
  }
  if (bytes > largestBodyBytes) throw new BodyTooLargeError('The body is too large');
  return Buffer.concat(chunks).toString('utf8');
};

export const readForm = async (visit: Visit): Promise<URLSearchParams> =>
  new URLSearchParams(await readBody(visit));

export const sendHtml = ({ response }: Visit, html: string, status = 200): void => {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(html);
};

export const sendJson = (
  { response }: Visit,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(JSON.stringify(body));
};

export const redirect = ({ response }: Visit, location: string): void => {
  response.writeHead(302, { location, 'cache-control': 'no-store' });
  response.end();
};
