import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import type { Logger } from '../log/logger.ts';
import { inTime } from './in-time.ts';

const answerMs = 1500;

/**
 * A Redis that evicts keys would lose jobs one by one; one without AOF loses all at a restart, which the rows survive.
 * One that is away is looked at when it comes back.
 * @throws ConfigError when it evicts, or refuses the login that REDIS_URL gives.
 */
export const refuseForgetfulRedis = async (redis: Redis, logger: Logger): Promise<void> => {
  const look = lookAt(redis);
  let refused: Error | undefined;
  redis.on('error', (error: Error) => {
    if (/NOAUTH|WRONGPASS/.test(error.message)) refused = error;
  });
  try {
    judge(await inTime(look, answerMs), logger);
  } catch (error) {
    if (refused) throw new ConfigError(['REDIS_URL names a Redis that refuses its user or password']);
    if (error instanceof ConfigError) throw error;
    logger.warn('Redis does not answer; stages start when it is back');
    look
      .then((settings) => judge(settings, logger))
      .catch((late: unknown) => {
        // Nobody is left to refuse to start; the platform goes on, and jobs that are evicted are sent again.
        if (late instanceof ConfigError) logger.error(late.message);
      });
  }
};

interface RedisSettings {
  readonly policy?: string;
  readonly appendOnly?: string;
}

const judge = ({ policy, appendOnly }: RedisSettings, logger: Logger): void => {
  if (policy !== undefined && policy !== 'noeviction') {
    throw new ConfigError([
      `REDIS_URL names a Redis with maxmemory-policy "${policy}": it must be "noeviction"`,
    ]);
  }
  if (appendOnly === 'no') {
    logger.warn('This Redis keeps no append-only file: after its restart the jobs are rebuilt from the rows');
  }
};

const lookAt = async (redis: Redis): Promise<RedisSettings> => {
  await connected(redis);
  try {
    return { policy: await read(redis, 'maxmemory-policy'), appendOnly: await read(redis, 'appendonly') };
  } catch (error) {
    // Managed Redis often forbids CONFIG: then there's nothing to know.
    if (error instanceof Error && /unknown command|NOPERM|ERR/.test(error.message)) return {};
    throw error;
  }
};

const NameAndValue = z.tuple([z.string(), z.string()]);

const read = async (redis: Redis, name: string): Promise<string> =>
  NameAndValue.parse(await redis.config('GET', name))[1];

const connected = (redis: Redis): Promise<void> =>
  new Promise((resolve) => {
    if (redis.status === 'ready') resolve();
    else redis.once('ready', () => resolve());
  });
