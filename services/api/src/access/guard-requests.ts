import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { ApiConfig } from '@store-platform/shared/config/api-config';
import type { SessionKeeper } from './sessions.ts';

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** Origins whose pages may write: the dashboard's, and those of CORS_ORIGIN. */
export const knownOrigins = ({ corsOrigins, dashboardPort }: ApiConfig): ReadonlySet<string> =>
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
    if (known.has(name)) return next();
    return next(
      new PlatformError('foreign_host', `The Host "${name.slice(0, 100)}" is not one of this platform's.`),
    );
  };
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

/** The one door: a Bearer token, or the dashboard's session. Without API_TOKEN it stands open, on loopback only. */
export const checkToken = (
  sessions: SessionKeeper | undefined,
  isOpenPath: (path: string) => boolean,
): RequestHandler => {
  return (request, _response, next) => {
    if (!sessions || isOpenPath(request.path) || request.method === 'OPTIONS') return next();
    const [, bearer] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (bearer !== undefined ? sessions.isToken(bearer) : sessions.isOpen(request.headers.cookie))
      return next();
    return next(new PlatformError('unauthenticated', 'The token is missing or wrong.'));
  };
};

const guessesPerMinute = 10;

/** Counts only requests that were refused, per address: a dashboard that polls is never slowed down. */
export const limitGuesses = (): RequestHandler =>
  rateLimit({
    windowMs: 60_000,
    limit: guessesPerMinute,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request, response) => response.statusCode !== 401,
    handler: (_request, _response, next) => {
      const options = { retryAfterSeconds: 60 };
      next(new PlatformError('too_many_requests', 'Too many sign-ins failed from this address.', options));
    },
  });
