import { Writable } from 'node:stream';
import { pinoHttp } from 'pino-http';
import { expect, it } from 'vitest';
import { problemOf, useApi } from './testing/use-api.ts';

/** A log that a test can read. */
const readableLog = () => {
  const lines: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  return { lines, logger: pinoHttp({ level: 'warn' }, stream).logger };
};

it('a fault that nobody foresaw is told without its words, which stay in the log', async () => {
  const { lines, logger } = readableLog();
  const { call, db } = await useApi({}, logger);
  await db.query('alter table stores rename column name to title');
  const response = await call('/api/stores');
  const problem = await problemOf(response);
  expect([response.status, problem.code, problem.detail]).toEqual([
    500,
    'internal',
    'Something unexpected happened.',
  ]);
  expect(JSON.stringify(problem)).not.toMatch(/column|select|stores|node_modules| at /);
  expect(lines.join('')).toContain('column s.name does not exist');
});

it('a refusal names itself, is never kept by a cache, and points to its entry in the documentation', async () => {
  const { call } = await useApi();
  const response = await call('/api/stores/store-aaaaaaaa');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await problemOf(response)).toEqual({
    type: '/api/docs#store_not_found',
    title: 'There is no such store',
    status: 404,
    code: 'store_not_found',
    detail: 'No store has this id.',
    hint: 'GET /api/stores lists the stores.',
  });
  expect(await (await call('/api/docs')).text()).toContain('id="store_not_found"');
});

it('what a visitor wrote comes back as text that no browser reads as a page', async () => {
  const { call } = await useApi();
  const response = await call(`/<script>alert(1)</script>${'x'.repeat(2000)}`);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect((await problemOf(response)).detail.length).toBeLessThan(250);
});

it('a request that ends in a fault is one line in the log, with its address and no stack of its own', async () => {
  const { lines, logger } = readableLog();
  const { call } = await useApi({}, logger);
  expect((await call('/ready')).status).toBe(503);
  const requests = lines.filter((line) => line.includes('"url":"/ready"'));
  expect(requests).toHaveLength(1);
  expect(requests[0]).not.toContain('stack');
});
