import type { IncomingMessage, ServerResponse } from 'node:http';
import sirv from 'sirv';
import { answerProblem } from './answer-problem.ts';

/** Files below /assets/ carry a hash of their content in their name; all others are asked for anew each time. */
const cachingOf = (path: string): string =>
  path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';

const readers = new Set(['GET', 'HEAD']);

export const serveFiles = (folder: string) => {
  const serve = sirv(folder, {
    etag: true,
    setHeaders: (response, path) => response.setHeader('Cache-Control', cachingOf(path)),
  });
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (!readers.has(request.method ?? '')) {
      response.setHeader('Allow', 'GET, HEAD');
      answerProblem(response, 'method_not_allowed', `${request.method} is not GET or HEAD.`);
      return;
    }
    serve(request, response, () => answerProblem(response, 'not_found', 'The dashboard has no such page.'));
  };
};
