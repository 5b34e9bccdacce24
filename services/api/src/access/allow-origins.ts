import cors from 'cors';
import type { RequestHandler } from 'express';
import type { ApiConfig } from '@store-platform/shared/config/api-config';

/**
 * Lets pages of CORS_ORIGIN read what is answered. A preflight ends here; an OPTIONS that a program sends of its own
 * accord goes on to the address that it asks about.
 */
export const allowOrigins = ({ corsOrigins }: ApiConfig): RequestHandler => {
  const allow = cors({
    origin: [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    exposedHeaders: ['ETag', 'Link', 'Location', 'Retry-After'],
    credentials: true,
  });
  return (request, response, next) =>
    request.method === 'OPTIONS' && request.headers['access-control-request-method'] === undefined
      ? next()
      : allow(request, response, next);
};
