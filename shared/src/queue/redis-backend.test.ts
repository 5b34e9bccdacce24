import { expect, onTestFinished, test, vi } from 'vitest';
import type { Logger } from '../log/logger.ts';
import { describeWithProgram } from '../testing/describe-with-program.ts';
import { startRedisServer, useRedisServer } from '../testing/redis-server.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { until } from '../testing/until.ts';
import { redisBackend } from './redis-backend.ts';
import { deliverTwice } from './testing/deliver-twice.ts';
import { openStageQueue } from './open-stage-queue.ts';
import { stageQueueContract } from './stage-queue.contract.ts';
import type { StageQueue } from './stage-queue.ts';

const open = (redisUrl: string, logger: Logger = silentLogger) =>
  openStageQueue({ redisUrl, databaseUrl: '', logger });

const closeLater = (queue: StageQueue): void => onTestFinished(() => queue.close());

describeWithProgram('redis-server', 'BullMQ on Redis', () => {
  stageQueueContract('BullMQ on Redis', async (context) => {
    const server = await useRedisServer({}, context);
    return {
      open: () => open(server.url),
      deliverTwice: () => deliverTwice(redisBackend(server.url, silentLogger).backend),
      forget: () => server.flush(),
      stop: () => server.stop(),
      start: () => server.start(),
      freeze: () => server.freeze(),
      thaw: () => server.thaw(),
    };
  });

  test('a Redis that may evict jobs is refused, and told what it should be', async () => {
    silenceBullMq();
    const { url } = await useRedisServer({ 'maxmemory-policy': 'allkeys-lru' });
    await expect(open(url)).rejects.toMatchObject({
      name: 'ConfigError',
      faults: [expect.stringMatching(/^REDIS_URL .*"allkeys-lru".*"noeviction"$/)],
    });
  });

  test('a Redis that refuses the password is a fault of the settings, which does not repeat it', async () => {
    const { url } = await useRedisServer({ requirepass: 'right' });
    const wrong = url.replace('redis://', 'redis://:s3cret-guess@');
    await expect(open(wrong)).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.not.stringContaining('s3cret-guess'),
      faults: [expect.stringContaining('REDIS_URL')],
    });
    closeLater(await open(url.replace('redis://', 'redis://:right@')));
  });

  test.each([
    { appendonly: 'no', warnings: 1 },
    { appendonly: 'yes', warnings: 0 },
  ])('a Redis with appendonly $appendonly gets $warnings warnings', async ({ appendonly, warnings }) => {
    const { url } = await useRedisServer({ appendonly });
    const { logger, warn } = listeningLogger();
    closeLater(await open(url, logger));
    expect(warn.mock.calls.flat()).toEqual(
      Array.from({ length: warnings }, () => expect.stringContaining('append-only')),
    );
  });

  test('a Redis that is away at the start is looked at when it is back', async () => {
    silenceBullMq();
    const server = await startRedisServer({ 'maxmemory-policy': 'allkeys-lru' });
    await server.stop();
    const { logger, error } = listeningLogger();
    closeLater(await open(server.url, logger));
    await server.start();
    onTestFinished(() => server.stop());
    await until('it was told', () => error.mock.calls.length > 0);
    expect(error.mock.calls.flat()).toEqual([expect.stringContaining('"noeviction"')]);
  });
});

const listeningLogger = () => {
  const warn = vi.fn();
  const error = vi.fn();
  const logger: Logger = Object.assign(Object.create(silentLogger), { warn, error });
  return { logger, warn, error };
};

/** It says the same on the console. */
const silenceBullMq = () => {
  const said = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  onTestFinished(() => said.mockRestore());
};
