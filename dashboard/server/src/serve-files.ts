import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { answerProblem } from './answer-problem.ts';
import type { BuiltFile } from './built-files.ts';

/** Files below /assets/ carry a hash of their content in their name; all others are asked for anew each time. */
const cachingOf = (path: string): string =>
  path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';

const readers = new Set(['GET', 'HEAD']);

/** `q=0` means "not this one". */
const takesGzip = ({ headers }: IncomingMessage): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(headers['accept-encoding'] ?? '');

const hasIt = ({ headers }: IncomingMessage, etag: string): boolean =>
  (headers['if-none-match'] ?? '').split(',').some((known) => known.trim().replace(/^W\//, '') === etag);

/** @param files by path, as `readBuiltFiles` gives them */
export const serveFiles = (files: ReadonlyMap<string, BuiltFile>) => {
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (!readers.has(request.method ?? '')) {
      response.setHeader('Allow', 'GET, HEAD');
      answerProblem(request, response, 'method_not_allowed', `${request.method} is not GET or HEAD.`);
      return;
    }
    const asked = (request.url ?? '/').replace(/[?#].*$/, '');
    const path = asked === '/' ? '/index.html' : asked;
    const file = files.get(path);
    if (file) sendFile(request, response, path, file);
    else answerProblem(request, response, 'not_found', 'The dashboard has no such page.');
  };
};

const sendFile = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  file: BuiltFile,
): void => {
  const gzipped = takesGzip(request) ? file.gzipped : undefined;
  // Two encodings are two representations, and an ETag names one of them.
  const etag = `"${file.etag}${gzipped ? '-gzip' : ''}"`;
  const headers: OutgoingHttpHeaders = {
    'Cache-Control': cachingOf(path),
    ETag: etag,
    ...(file.gzipped ? { Vary: 'Accept-Encoding' } : {}),
  };
  if (hasIt(request, etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const body = gzipped ?? file.body;
  response.writeHead(200, {
    ...headers,
    'Content-Type': file.type,
    'Content-Length': body.length,
    ...(gzipped ? { 'Content-Encoding': 'gzip' } : {}),
  });
  // Node sends no body in answer to HEAD.
  response.end(body);
};
