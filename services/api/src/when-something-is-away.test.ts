import { describe, expect, it, onTestFinished } from 'vitest';
import { Readiness } from '@store-platform/shared/contract/api';
import { readApiConfig } from '@store-platform/shared/config/api-config';
import { listUnsent } from '@store-platform/shared/db/stage-runs';
import { sendDue } from '@store-platform/shared/dispatch/send-due';
import { useCuttableProxy } from '@store-platform/shared/testing/cuttable-proxy';
import { createFakeQueue } from '@store-platform/shared/testing/fake-queue';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { until } from '@store-platform/shared/testing/until';
import { startApi } from './api.ts';
import { problemOf, shop, useApi } from './testing/use-api.ts';

const missingOf = async (response: Response): Promise<string[]> =>
  Readiness.parse(await response.json()).missing.map(({ part }) => part);

/** An API whose database can be lost. */
const useLosableDatabase = async () => {
  const database = await useTestDatabase();
  const wire = await useCuttableProxy(database.url);
  const config = { ...readApiConfig({ DATABASE_URL: wire.url }), port: 0 };
  const api = await startApi({ config, logger: silentLogger });
  onTestFinished(() => api.stop());
  const ask = (path: string, method = 'GET') =>
    fetch(`http://127.0.0.1:${api.port}${path}`, {
      method,
      ...(method === 'POST' && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(shop),
      }),
    });
  const away = {
    cut: { begin: () => wire.cut(), end: () => wire.mend() },
    frozen: { begin: () => wire.freeze(), end: () => wire.thaw() },
  };
  return { ask, away };
};

describe('when the database is away', () => {
  it.each(['cut', 'frozen'] as const)(
    'every call that needs it is 503 within two seconds, and works again when it is no longer %s',
    async (how) => {
      const { ask, away } = await useLosableDatabase();
      expect((await ask('/api/stores')).status).toBe(200);
      await away[how].begin();
      const started = performance.now();
      const calls: [string, string][] = [
        ['GET', '/api/stores'],
        ['GET', '/api/stores/store-aaaaaaaa'],
        ['POST', '/api/stores'],
        ['POST', '/api/stores'],
        ['POST', '/api/stores/store-aaaaaaaa/retry'],
        ['DELETE', '/api/stores/store-aaaaaaaa'],
        ['GET', '/api/metrics'],
        ['GET', '/api/info'],
      ];
      await Promise.all(
        calls.map(async ([method, path]) => {
          const response = await ask(path, method);
          const { code, detail } = await problemOf(response);
          expect([method, path, response.status, code, response.headers.get('retry-after')]).toEqual([
            method,
            path,
            503,
            'database_away',
            '2',
          ]);
          expect(detail).not.toMatch(/127\.0\.0\.1|ECONN/);
        }),
      );
      expect(performance.now() - started).toBeLessThan(2000);
      expect((await ask('/health')).status).toBe(200);
      const ready = await ask('/ready');
      expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await missingOf(ready)).toContain('database');
      await away[how].end();
      await until('it recovers', async () => (await ask('/api/stores')).status === 200);
      expect((await ask('/api/stores', 'POST')).status).toBe(202);
    },
  );
});

describe('when the queue is away', () => {
  it('a store is accepted all the same, /ready says so, and its first stage is sent when the queue is back', async () => {
    const { stop, call, post, db } = await useApi({ redisUrl: 'redis://127.0.0.1:1' });
    const started = performance.now();
    expect((await post('/api/stores', shop)).status).toBe(202);
    expect(performance.now() - started).toBeLessThan(1000);
    const ready = await call('/ready');
    expect([ready.status, await missingOf(ready)]).toEqual([503, ['worker', 'queue']]);
    await stop();
    expect((await listUnsent(db, 10)).map(({ stage }) => stage)).toEqual(['namespace']);
    const queue = createFakeQueue();
    expect(await sendDue({ db, queue, logger: silentLogger })).toBe(1);
    expect(queue.added.map(({ stage }) => stage)).toEqual(['namespace']);
    expect(await listUnsent(db, 10)).toEqual([]);
  });
});
