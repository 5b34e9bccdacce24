import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Answer } from './route.ts';

/** Sends what a handler answered; an answer that the visitor holds already as 304, without it. */
export const sendAnswer = (
  { headers: asked }: Request,
  response: Response,
  { status, body, headers }: Answer,
): void => {
  response.status(status).set({ 'Cache-Control': 'no-cache', ...headers });
  if (body === undefined) {
    response.end();
    return;
  }
  const isHtml = typeof body === 'string';
  const text = isHtml ? body : JSON.stringify(body);
  // Writes answer 202 or 204.
  if (status === 200) {
    const etag = etagOf(text);
    response.set('ETag', etag);
    if (isKnown(etag, asked['if-none-match'])) response.status(304);
  }
  response.type(isHtml ? 'html' : 'json').send(text);
};

/** Weak, because a proxy may compress the answer. */
const etagOf = (text: string): string => `W/"${createHash('sha1').update(text).digest('base64url')}"`;

/**
 * Compared weakly, as RFC 9110 (13.1.2) says. The visitor's `Cache-Control` has no say: `fetch` adds `no-cache` to
 * each request with `If-None-Match`, and means caches on the way.
 */
const isKnown = (etag: string, ifNoneMatch: string | undefined): boolean =>
  ifNoneMatch !== undefined &&
  (ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => opaque(tag) === opaque(etag)));

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
