import type { Request, RequestHandler } from 'express';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { ApiConfig } from '@store-platform/shared/config/api-config';

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** Origins whose pages may write: the dashboard's, and those of CORS_ORIGIN. */
const knownOrigins = ({ corsOrigins, dashboardPort }: ApiConfig): ReadonlySet<string> =>
  new Set([...corsOrigins, ...loopback.map((name) => `http://${name}:${dashboardPort}`)]);

/** A foreign name in `Host` means that somebody else's page points its own name at us (DNS rebinding). */
export const checkHost = (config: ApiConfig): RequestHandler => {
  const known = new Set([
    ...loopback,
    config.host,
    ...config.corsOrigins.map((origin) => new URL(origin).hostname),
  ]);
  return (request, _response, next) => {
    const name = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    if (known.has(name) || name === addressOf(request)) return next();
    return next(
      new PlatformError('foreign_host', `The Host "${name.slice(0, 100)}" is not one of this platform's.`, {
        hint: 'Use the address that the platform printed at its start, or name this one in CORS_ORIGIN.',
      }),
    );
  };
};

/** The address that the request arrived at: a page can choose a name, but not make an address its own. */
const addressOf = ({ socket }: Request): string => {
  const address = (socket.localAddress ?? '').replace(/^::ffff:/, '');
  return address.includes(':') ? `[${address}]` : address;
};

const readers = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A browser says where a write comes from; programs without a browser say nothing. */
export const checkOrigin = (config: ApiConfig): RequestHandler => {
  const known = knownOrigins(config);
  return (request, _response, next) => {
    const { origin, host } = request.headers;
    const same = origin === `http://${host}` || origin === `https://${host}`;
    if (readers.has(request.method) || origin === undefined || same || known.has(origin)) return next();
    return next(
      new PlatformError('foreign_origin', `Pages of ${origin.slice(0, 100)} may not change anything here.`),
    );
  };
};
