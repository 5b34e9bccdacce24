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

const largestForm = 64_000;

export const readBody = async ({ request }: Pick<Visit, 'request'>): Promise<string> => {
  let text = '';
  for await (const chunk of request) {
    text += Buffer.from(chunk).toString('utf8');
    if (text.length > largestForm) throw new Error('The form is too large');
  }
  return text;
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
