import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openStageQueue } from '@store-platform/shared/queue/open-stage-queue';
import { StageFailure, type JobHandler } from '@store-platform/shared/queue/stage-queue';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import { sendRaw, useApi } from './testing/use-api.ts';

const Board = z.object({
  queues: z.tuple([
    z.object({
      name: z.string(),
      allowRetries: z.literal(true),
      jobs: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          isFailed: z.boolean(),
          failedReason: z.string().optional(),
        }),
      ),
    }),
  ]),
});

const api = '/admin/queues/api/queues';

const useBoard = async () => {
  const platform = await useApi();
  const { call, config } = platform;
  /** A worker of the test's own: what it throws is how the stage ends. */
  const work = async (handler: JobHandler) => {
    const queue = await openStageQueue({ ...config, logger: silentLogger });
    const consumer = await queue.consume(handler, { concurrency: 1, onBroken: () => {} });
    onTestFinished(async () => {
      await consumer.drain();
      await queue.close();
    });
  };
  const jobs = async () => {
    const response = await call(`${api}?activeQueue=stages&status=latest&page=1&jobsPerPage=10`);
    return Board.parse(await response.json()).queues[0].jobs;
  };
  return { ...platform, work, jobs };
};

describe('the queue board', () => {
  it('is a page whose scripts and styles all come from here, under a policy that lets in no others', async () => {
    const { call } = await useApi();
    const response = await call('/admin/queues');
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    const page = await response.text();
    expect(page).toContain('<title>Store Platform</title>');
    const files = [...page.matchAll(/(?:src|href)="(static\/[^"]+\.(?:js|css))"/g)].map(
      ([, file = '']) => file,
    );
    expect(files.length).toBeGreaterThan(2);
    for (const file of files)
      expect([file, (await call(`/admin/queues/${file}`)).status]).toEqual([file, 200]);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('upgrade-insecure-requests');
  });

  it('shows each stage run as a job that is named by its stage', async () => {
    const { create, jobs } = await useBoard();
    const storeId = await create('My Shop');
    const [job] = await until('the job is sent', async () => {
      const found = await jobs();
      return found.length > 0 && found;
    });
    expect(job).toMatchObject({ id: `${storeId}-1-namespace-1`, name: 'namespace' });
  });

  it('shows why a stage failed and what it logged, and its retry delivers the job again', async () => {
    const { base, create, work, jobs, call } = await useBoard();
    const deliveries: number[] = [];
    await work(async ({ attemptsMade, log }) => {
      deliveries.push(attemptsMade);
      await log('Applied 4 objects.');
      throw new StageFailure('The quota is too small.');
    });
    const storeId = await create('My Shop');
    const failed = await until('the job failed', async () => (await jobs()).find(({ isFailed }) => isFailed));
    expect(failed.failedReason).toBe('The quota is too small.');
    const path = `${api}/stages/${storeId}-1-namespace-1`;
    expect(await (await call(`${path}/logs`)).json()).toEqual([
      expect.stringContaining('Applied 4 objects.'),
    ]);
    const retried = await sendRaw(`${base}${path}/retry`, {
      method: 'PUT',
    });
    expect(retried.status).toBe(204);
    await until('it is delivered again', () => deliveries.length === 2);
    expect(deliveries).toEqual([0, 1]);
  });

  it('says that the queue is away, or a request wrong, without addresses, secrets and stacks', async () => {
    const away = await useApi({ redisUrl: 'redis://:secret-of-redis@127.0.0.1:1' });
    expect((await away.call('/admin/queues')).status).toBe(200);
    const there = await useApi();
    const malformed = {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{',
    };
    for (const [response, status] of [
      [await away.call(`${api}?activeQueue=stages`), 503],
      [await there.call(`${api}/pause`, malformed), 400],
    ] as const) {
      const text = await response.text();
      expect([response.status, text]).toEqual([status, expect.stringContaining('"message"')]);
      expect(text).not.toMatch(/127\.0\.0\.1|secret-of-redis|node_modules| at /);
    }
  });
});
