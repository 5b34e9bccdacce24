import { createHmac, timingSafeEqual, createHash } from 'node:crypto';

export interface SessionKeeper {
  /** In constant time. */
  isToken(given: string): boolean;
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
  const key = createHash('sha256').update(`session:${token}`).digest();
  const sign = (end: string) => createHmac('sha256', key).update(end).digest('base64url');
  const attributes = (secure: boolean) => `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return {
    isToken: (given) => isSame(given, token),
    open: (secure) => {
      const end = String(now() + sessionMs);
      return `${sessionCookie}=${end}.${sign(end)}; Max-Age=${sessionMs / 1000}; ${attributes(secure)}`;
    },
    close: (secure) => `${sessionCookie}=; Max-Age=0; ${attributes(secure)}`,
    isOpen: (cookieHeader) => {
      const [, end = '', signature = ''] =
        new RegExp(`${sessionCookie}=(\\d+)\\.([\\w-]+)`).exec(cookieHeader ?? '') ?? [];
      return Number(end) > now() && isSame(signature, sign(end));
    },
  };
};

/** Digests have one length, so the comparison tells nothing of the secret's. */
const isSame = (given: string, wanted: string): boolean =>
  timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(wanted).digest());
