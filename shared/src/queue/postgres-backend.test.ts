import { expect, onTestFinished, test } from 'vitest';
import { stageJobId, type StageJob } from '../contract/job.ts';
import { useCuttableProxy } from '../testing/cuttable-proxy.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import { until } from '../testing/until.ts';
import { postgresBackend } from './postgres-backend.ts';
import { deliverTwice } from './testing/deliver-twice.ts';
import { openStageQueue } from './open-stage-queue.ts';
import { stageQueueContract } from './stage-queue.contract.ts';

const job: StageJob = { storeId: 'store-aaaaaaaa', generation: 1, stage: 'mysql', dispatch: 1 };

const open = (databaseUrl: string) =>
  openStageQueue({ redisUrl: undefined, databaseUrl, logger: silentLogger });

stageQueueContract('BullMQ on PostgreSQL', async (context) => {
  const { db, url } = await useTestDatabase(context);
  const proxy = await useCuttableProxy(url, context);
  return {
    open: () => open(proxy.url),
    deliverTwice: () => deliverTwice(postgresBackend(url, silentLogger)),
    forget: async () => {
      const tables = await db.query(
        "select format('bullmq.%I', tablename) as name from pg_tables where schemaname = 'bullmq' and tablename <> 'migration'",
      );
      await db.query(`truncate ${tables.map(({ name }) => String(name)).join(', ')}`);
    },
    stop: () => proxy.cut(),
    start: () => proxy.mend(),
    freeze: () => proxy.freeze(),
    thaw: () => proxy.thaw(),
  };
});

test('a queue whose schema was dropped from PostgreSQL makes it anew, and its consumer goes on', async () => {
  const { db, url } = await useTestDatabase();
  const queue = await open(url);
  onTestFinished(() => queue.close());
  const delivered: string[] = [];
  const consumer = await queue.consume(async ({ id }) => void delivered.push(id), {
    concurrency: 1,
    onBroken: () => undefined,
  });
  onTestFinished(() => consumer.drain());
  await queue.add(job);
  await until('it is delivered', () => delivered.length > 0);
  await db.query('drop schema bullmq cascade');
  const nextJob = { ...job, dispatch: 2 };
  await until('it takes jobs', () =>
    queue.add(nextJob).then(
      () => true,
      () => false,
    ),
  );
  await until('it is delivered', () => delivered.length > 1);
  expect(delivered).toEqual([job, nextJob].map(stageJobId));
});
