import type { IncomingMessage, ServerResponse } from 'node:http';
import send from 'send';
import { PhpGoneError } from './php-worker-handle.ts';
import { routeRequest, type ShopRoute } from './route-request.ts';
import { phpMethods, type PhpAnswer, type PhpRequest } from './worker-messages.ts';

/** As PHP's own `post_max_size` here. */
const longestBodyBytes = 64 * 2 ** 20;
/** Where PHP finds the shop: as in the official image. */
export const docroot = '/var/www/html';

/**
 * Answers one request to a shop as its web server would: files from here, the rest by PHP.
 * @param folder real path of the shop's docroot on this machine
 */
export const answerVisit = async (
  folder: string,
  php: (request: PhpRequest) => Promise<PhpAnswer>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const route = await routeRequest(folder, request.url ?? '/');
  if (route.kind === 'refused') return sayPlainly(response, 403, 'This is not for visitors.');
  if (route.kind === 'redirect') return void response.writeHead(301, { location: route.location }).end();
  if (route.kind === 'file') return sendFile(route.path, request, response);
  const method = phpMethods.find((known) => known === request.method);
  if (!method) return sayPlainly(response, 405, 'No shop answers this method.');
  const body = await readBody(request);
  if (!body) return sayPlainly(response, 413, 'That is too much for one request.');
  try {
    const visit = { method, url: request.url ?? '/', headers: headersOf(request), body };
    pass(response, await php(phpRequestOf(visit, route, request.socket.remoteAddress)));
  } catch (error) {
    if (!(error instanceof PhpGoneError)) throw error;
    sayPlainly(response, 502, 'The shop did not answer: try again in a moment.');
  }
};

const sayPlainly = (response: ServerResponse, status: number, sentence: string): void => {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${sentence}\n`);
};

/** The path was judged before: what is sent is that very file. */
const sendFile = (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> =>
  new Promise((resolve, reject) => {
    response.once('close', resolve);
    // A version in the address makes it another address when the file changes.
    const isVersioned = /[?&]ver=/.test(request.url ?? '');
    send(request, encodeURI(path).replaceAll(/[?#]/g, encodeURIComponent), {
      dotfiles: 'allow',
      maxAge: isVersioned ? '1y' : 0,
    })
      .on('error', reject)
      .pipe(response);
  });

const readBody = async (request: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.byteLength;
    if (size > longestBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

export type ShopVisit = Pick<PhpRequest, 'method' | 'url' | 'headers' | 'body'>;
export type ScriptRoute = Extract<ShopRoute, { kind: 'script' }>;

/** What PHP is to know of a visit. @param from the visitor's address */
export const phpRequestOf = (
  visit: ShopVisit,
  { script, pathInfo }: ScriptRoute,
  from = '127.0.0.1',
): PhpRequest => {
  const host = visit.headers['host'] ?? 'localhost';
  const [serverName = host, serverPort = '80'] = host.split(/:(?=\d+$)/);
  return {
    ...visit,
    script: `${docroot}${script}`,
    server: {
      DOCUMENT_ROOT: docroot,
      SCRIPT_FILENAME: `${docroot}${script}`,
      SCRIPT_NAME: script,
      PHP_SELF: `${script}${pathInfo}`,
      ...(pathInfo && { PATH_INFO: pathInfo }),
      SERVER_NAME: serverName,
      SERVER_PORT: serverPort,
      SERVER_PROTOCOL: 'HTTP/1.1',
      REMOTE_ADDR: from,
    },
  };
};

/** PHP can't tell `a_b` from `a-b`, and takes `proxy` for a setting of its own: neither comes from a browser. */
const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined || name.includes('_') || name === 'proxy' || name === 'transfer-encoding'
        ? []
        : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );

/** What the connection to the visitor has of its own. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'status',
  'transfer-encoding',
  'x-powered-by',
]);

const pass = (response: ServerResponse, { status, headers, body }: PhpAnswer): void => {
  // Somebody was told already that the shop is waking.
  if (response.headersSent) return;
  for (const [name, values] of Object.entries(headers))
    if (!hopByHop.has(name.toLowerCase())) response.setHeader(name, values);
  response.writeHead(status, { 'content-length': body.byteLength });
  response.end(body);
};
