import type { IncomingMessage, ServerResponse } from 'node:http';

/** A person at a browser who opens a page: others, as the Store API's callers, wait for the answer itself. */
export const takesWaitingPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  (headers.accept ?? '').includes('text/html') &&
  headers['x-requested-with'] === undefined &&
  (headers['sec-fetch-mode'] ?? 'navigate') === 'navigate';

/** Asks again by itself, until the page is there. */
export const sendWaitingPage = (response: ServerResponse): void => {
  response.writeHead(503, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'retry-after': '1',
  });
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="1"><link rel="icon" href="data:,"><title>One moment</title>
<body style="font-family:system-ui,sans-serif;margin:15vh auto;max-width:30rem;padding:0 1rem">
<h1>One moment</h1><p>This shop was asleep and is waking. It appears here by itself.</p></body></html>`);
};
