import { createHmac, timingSafeEqual, createHash } from 'node:crypto';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { createGuessLimit } from './guess-limit.ts';

export interface SessionKeeper {
  /**
   * Compares in constant time. Wrong tokens are counted per address, and an address without guesses left isn't told
   * whether this one is right.
   * @throws PlatformError `unauthenticated`, `too_many_requests`
   */
  demandToken(given: string, address: string): void;
  /** @returns the `Set-Cookie` of a sign-in. */
  open(secure: boolean): string;
  close(secure: boolean): string;
  /** Whether a request's `Cookie` header holds a session that is ours and not over. */
  isOpen(cookieHeader: string | undefined): boolean;
}

export const sessionCookie = 'store_platform_session';
const sessionMs = 12 * 3600 * 1000;

/**
 * Sign-ins for browsers: a cookie with an end and a signature, so that it isn't the token, and nothing is kept here.
 * Another token ends all sessions.
 */
export const createSessionKeeper = (token: string, now: () => number = Date.now): SessionKeeper => {
  const guessLimit = createGuessLimit();
  const key = createHash('sha256').update(`session:${token}`).digest();
  const sign = (end: string) => createHmac('sha256', key).update(end).digest('base64url');
  const attributes = (secure: boolean) => `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return {
    demandToken: (given, address) => {
      const retryAfterSeconds = guessLimit.waitSeconds(address);
      if (retryAfterSeconds !== undefined) throw tooManyGuesses(retryAfterSeconds);
      if (isSame(given, token)) return;
      guessLimit.countWrong(address);
      throw new PlatformError('unauthenticated', 'The token is wrong.');
    },
    open: (secure) => {
      const end = String(now() + sessionMs);
      return `${sessionCookie}=${end}.${sign(end)}; Max-Age=${sessionMs / 1000}; ${attributes(secure)}`;
    },
    close: (secure) => `${sessionCookie}=; Max-Age=0; ${attributes(secure)}`,
    isOpen: (cookieHeader) => {
      const [, end = '', signature = ''] = sessionPattern.exec(cookieHeader ?? '') ?? [];
      return Number(end) > now() && isSame(signature, sign(end));
    },
  };
};

const sessionPattern = new RegExp(`(?:^|; *)${sessionCookie}=(\\d+)\\.([\\w-]+)`);

const tooManyGuesses = (retryAfterSeconds: number) =>
  new PlatformError('too_many_requests', 'Too many wrong tokens came from this address.', {
    retryAfterSeconds,
  });

/** Digests have one length, so the comparison tells nothing of the secret's. */
const isSame = (given: string, wanted: string): boolean =>
  timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(wanted).digest());
