import { expect, it } from 'vitest';
import { describeWithProgram } from '@store-platform/shared/testing/describe-with-program';
import { useRedisServer } from '@store-platform/shared/testing/redis-server';
import { createStoreOver, followAll, followTo, startPlatform, usePlatformFolder } from './start-platform.ts';

describeWithProgram('redis-server', 'npm start on Redis', () => {
  it('makes every store though Redis forgets everything in the middle, and again', async () => {
    const redis = await useRedisServer();
    const { api, output } = await startPlatform(await usePlatformFolder(), {
      REDIS_URL: redis.url,
      EMULATOR_READY_AFTER_MS: '2000',
    });
    expect(output()).toContain('BullMQ on Redis');
    const ids = await Promise.all([1, 2, 3, 4].map((number) => createStoreOver(api, `Shop ${number}`)));
    await redis.flush();
    await followAll(api, ids, 'each is on its way', ({ stages }) =>
      stages.some(({ stage, status }) => stage === 'mysql' && status !== 'waiting'),
    );
    await redis.flush();
    const stores = await Promise.all(ids.map((storeId) => followTo(api, storeId, 'ready')));
    expect(stores.flatMap(({ stages }) => stages.filter(({ attempt }) => attempt > 1))).toEqual([]);
  });
});
