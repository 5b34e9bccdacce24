import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { problems } from '@store-platform/shared/contract/problem';
import { docsPage } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';
import { routes } from './routes.ts';
import { useApi } from './testing/use-api.ts';

const document = openApiDocument(routes);
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const refsIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
  );
};

const find = (pointer: string): unknown =>
  pointer
    .replace('#/', '')
    .split('/')
    .reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), document);

describe('the OpenAPI document', () => {
  it('is served as it is made, of version 3.1', async () => {
    const { call } = await useApi();
    const served: unknown = await (await call('/api/openapi.json')).json();
    expect(served).toEqual(JSON.parse(JSON.stringify(document)));
    expect(served).toMatchObject({ openapi: '3.1.0', info: { title: 'Store Platform', version: '1.0.0' } });
  });

  it('refers to nothing that it does not hold, and holds nothing that nobody refers to', () => {
    const refs = new Set(refsIn(document));
    expect(refs.size).toBeGreaterThan(10);
    for (const ref of refs) expect([ref, find(ref)]).not.toContain(undefined);
    const named = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(named.filter((name) => !refs.has(name))).toEqual([]);
  });

  it('names each operation once, each parameter of its path, and each security scheme that it asks for', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(routes.length);
    for (const { path, operation } of operations) {
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name, required }) => [name, required])).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, true]),
      );
      for (const { description } of operation.parameters) expect(description).toMatch(/\.$/);
      for (const scheme of operation.security.flatMap(Object.keys))
        expect(Object.keys(document.components.securitySchemes)).toContain(scheme);
    }
  });

  it('lists every status that a call may answer with', () => {
    const statusesOf = Object.fromEntries(
      operations.map(({ path, method, operation }) => [
        `${method} ${path}`,
        Object.keys(operation.responses),
      ]),
    );
    expect(statusesOf).toEqual({
      'get /health': ['200', '304', '403', '500'],
      'get /ready': ['200', '304', '403', '500', '503'],
      'get /api/stores': ['200', '304', '400', '401', '403', '429', '500', '503'],
      'post /api/stores': ['202', '400', '401', '403', '413', '415', '422', '429', '500', '503'],
      'get /api/stores/{id}': ['200', '304', '401', '403', '404', '429', '500', '503'],
      'delete /api/stores/{id}': ['202', '401', '403', '404', '429', '500', '503'],
      'post /api/stores/{id}/retry': ['202', '401', '403', '404', '409', '429', '500', '503'],
      'get /api/metrics': ['200', '304', '401', '403', '429', '500', '503'],
      'get /api/info': ['200', '304', '401', '403', '429', '500', '503'],
      'post /api/session': ['204', '400', '401', '403', '413', '415', '429', '500'],
      'delete /api/session': ['204', '403', '500'],
      'get /api/openapi.json': ['200', '304', '401', '403', '429', '500'],
      'get /api/docs': ['200', '304', '401', '403', '429', '500'],
    });
    const refusals = operations
      .filter(({ operation }) => operation.operationId !== 'getReadiness')
      .flatMap(({ operation }) => Object.entries(operation.responses))
      .filter(([status]) => Number(status) >= 400);
    for (const [, { content = {} }] of refusals)
      expect(Object.keys(content)).toEqual(['application/problem+json']);
  });

  it('describes its answers so that the real ones fit', async () => {
    const { call, create } = await useApi();
    const storeId = await create('My Shop');
    const schemaOf = (name: string) =>
      z.fromJSONSchema({
        $ref: `#/$defs/${name}`,
        $defs: JSON.parse(
          JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', '#/$defs/'),
        ),
      });
    for (const [path, name] of [
      ['/health', 'Health'],
      ['/ready', 'Readiness'],
      ['/api/stores', 'StoreList'],
      [`/api/stores/${storeId}`, 'StoreDetail'],
      ['/api/metrics', 'Metrics'],
      ['/api/info', 'Info'],
      ['/api/nothing', 'Problem'],
    ] as const) {
      const json: unknown = await (await call(path)).json();
      expect([path, schemaOf(name).safeParse(json).error]).toEqual([path, undefined]);
      expect([path, schemaOf(name).safeParse({ surprise: json }).success]).toEqual([path, false]);
    }
  });
});

describe('the page of the documentation', () => {
  it('tells of every call, shape and problem, and has no script', async () => {
    const { call } = await useApi();
    const response = await call('/api/docs');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const page = await response.text();
    for (const { summary } of routes) expect(page).toContain(summary);
    for (const name of Object.keys(document.components.schemas)) expect(page).toContain(`id="${name}"`);
    for (const code of Object.keys(problems)) expect(page).toContain(`id="${code}"`);
    expect(page).not.toContain('<script');
  });

  it('leads nowhere that does not exist', () => {
    const page = docsPage(document);
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id = '']) => id);
    expect(targets.length).toBeGreaterThan(20);
    for (const id of new Set(targets)) expect(page).toContain(`id="${id}"`);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows text as text', () => {
    const [first] = routes;
    const page = docsPage(openApiDocument(first ? [{ ...first, summary: '<b>bold</b> & "quoted"' }] : []));
    expect(page).toContain('&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;');
  });
});
