import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { PlatformError } from '@store-platform/shared/contract/problem';

const bodyLimit = '16kb';

const demandJson: RequestHandler = (request, _response, next) => {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (!hasBody || request.is('application/json')) return next();
  return next(new PlatformError('unsupported_media_type', 'The body is not sent as application/json.'));
};

/** What isn't UTF-8 would be read with replacement characters, and a name would no longer be the one that was typed. */
const demandUtf8 = (_request: unknown, _response: unknown, body: Buffer, encoding: string): void => {
  if (encoding !== 'utf-8' || !isUtf8(body)) {
    throw new PlatformError('malformed_json', 'The body is not encoded as UTF-8.');
  }
};

/** Whatever JSON it is goes on: that it is an object is the contract's to say. */
export const readJsonBody: readonly RequestHandler[] = [
  demandJson,
  express.json({ limit: bodyLimit, strict: false, verify: demandUtf8 }),
];
