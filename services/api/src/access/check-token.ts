import type { Request, RequestHandler, Response } from 'express';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { SessionKeeper } from './sessions.ts';

export interface Doors {
  readonly sessions: SessionKeeper;
  isOpenPath(path: string): boolean;
  /** For people in browsers, who are led to the sign-in instead of reading a problem. */
  isPage(path: string): boolean;
  readonly dashboardPort: number;
}

/**
 * The one door: a Bearer token, or the dashboard's session. A request without any token is no guess: a signed-out
 * dashboard that polls shares its address, through the dashboard's server, with everybody else's. Whoever holds a
 * session is never slowed down by others' guesses.
 */
export const checkToken =
  ({ sessions, isOpenPath, isPage, dashboardPort }: Doors): RequestHandler =>
  (request, response, next) => {
    if (isOpenPath(request.path) || sessions.isOpen(request.headers.cookie)) return next();
    const bearer = bearerOf(request);
    if (bearer === undefined) {
      if (isPage(request.path) && isBrowser(request)) return leadToSignIn(request, response, dashboardPort);
      throw new PlatformError('unauthenticated', 'The token is missing.');
    }
    sessions.demandToken(bearer, request.ip ?? 'gone');
    return next();
  };

const bearerOf = ({ headers }: Request): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];

const isBrowser = ({ method, headers }: Request): boolean =>
  (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html');

/** Whoever comes through the dashboard's server is at its address already; its port lies beside the API's otherwise. */
const leadToSignIn = (request: Request, response: Response, dashboardPort: number): void => {
  const isThere = request.headers['x-forwarded-host'] !== undefined;
  const { hostname } = request;
  response.set({ 'Cache-Control': 'no-store', Vary: 'Accept, Cookie' });
  response.redirect(isThere ? '/' : `http://${hostname}:${dashboardPort}/`);
};
