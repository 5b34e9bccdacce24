import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { PlatformError } from '@store-platform/shared/contract/problem';

export interface GuessLimit {
  /** Counts the request as a wrong guess unless its answer turns out not to be 401; refuses it with 429 above the limit. */
  readonly count: RequestHandler;
  /** Whether this address has used up its guesses for now. */
  isSpent(request: Request): Promise<boolean>;
}

const guesses = 10;
const windowMs = 60_000;

/**
 * Wrong tokens per address. Sessions and requests without any token are not guesses: a signed-out dashboard that polls
 * shares its address, through the dashboard's server, with everybody else's.
 */
export const createGuessLimit = (): GuessLimit => {
  const limiter = rateLimit({
    windowMs,
    limit: guesses,
    standardHeaders: false,
    legacyHeaders: false,
    keyGenerator: keyOf,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request, response) => response.statusCode !== 401,
    handler: (_request, _response, next) =>
      next(
        new PlatformError('too_many_requests', 'Too many wrong tokens came from this address.', {
          retryAfterSeconds: windowMs / 1000,
        }),
      ),
  });
  return {
    count: limiter,
    isSpent: async (request) => {
      const record = await limiter.getKey(keyOf(request));
      const over = record?.resetTime !== undefined && record.resetTime.getTime() <= Date.now();
      return !over && (record?.totalHits ?? 0) >= guesses;
    },
  };
};

/** An IPv6 visitor owns a whole subnet of addresses, so that counts as one. */
const keyOf = ({ ip }: Request): string => (ip === undefined ? 'gone' : ipKeyGenerator(ip));
