import type { Request, RequestHandler } from 'express';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { createGuessLimit } from './guess-limit.ts';
import type { SessionKeeper } from './sessions.ts';

export const signInPath = '/api/session';

/**
 * The one door: a Bearer token, or the dashboard's session. Wrong tokens are counted per address, here and at the
 * sign-in; whoever holds a session is never slowed down by others' guesses.
 */
export const checkToken = (
  sessions: SessionKeeper,
  isOpenPath: (path: string) => boolean,
): RequestHandler => {
  const guessLimit = createGuessLimit();
  return async (request, response, next) => {
    if (isSignIn(request)) return guessLimit.count(request, response, next);
    if (isOpenPath(request.path) || sessions.isOpen(request.headers.cookie)) return next();
    const bearer = bearerOf(request);
    if (bearer === undefined) return next(unauthenticated('The token is missing.'));
    // An address without guesses left isn't told whether this one is right.
    if (!(await guessLimit.isSpent(request)) && sessions.isToken(bearer)) return next();
    return guessLimit.count(request, response, (error?: unknown) =>
      next(error ?? unauthenticated('The token is wrong.')),
    );
  };
};

const isSignIn = ({ method, path }: Request): boolean =>
  method === 'POST' && path.replace(/\/$/, '').toLowerCase() === signInPath;

const bearerOf = ({ headers }: Request): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];

const unauthenticated = (message: string) => new PlatformError('unauthenticated', message);
