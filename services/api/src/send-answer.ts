import type { Request, Response } from 'express';
import { entityTagOf, isHeld } from './entity-tag.ts';
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
  if (status === 200 && headers?.['ETag'] === undefined) {
    const etag = entityTagOf(text);
    response.set('ETag', etag);
    if (isHeld(etag, asked['if-none-match'])) response.status(304);
  }
  response.type(isHtml ? 'html' : 'json').send(text);
};
