import type { Request, RequestHandler } from 'express';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { SessionKeeper } from './sessions.ts';

/**
 * The one door: a Bearer token, or the dashboard's session. A request without any token is no guess: a signed-out
 * dashboard that polls shares its address, through the dashboard's server, with everybody else's. Whoever holds a
 * session is never slowed down by others' guesses.
 */
export const checkToken =
  (sessions: SessionKeeper, isOpenPath: (path: string) => boolean): RequestHandler =>
  (request, _response, next) => {
    if (isOpenPath(request.path) || sessions.isOpen(request.headers.cookie)) return next();
    const bearer = bearerOf(request);
    if (bearer === undefined) throw new PlatformError('unauthenticated', 'The token is missing.');
    sessions.demandToken(bearer, request.ip ?? 'gone');
    return next();
  };

const bearerOf = ({ headers }: Request): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
