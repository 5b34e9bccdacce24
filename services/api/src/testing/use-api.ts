import { request } from 'node:http';
import { onTestFinished } from 'vitest';
import { readApiConfig, type ApiConfig } from '@store-platform/shared/config/api-config';
import { CreateStoreAnswer } from '@store-platform/shared/contract/api';
import { Problem } from '@store-platform/shared/contract/problem';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { startApi } from '../api.ts';

export const shop = { name: 'My Shop', type: 'woocommerce' };

/** An API of one's own on a database of its own, stopped when the test that asks for it ends. */
export const useApi = async (changes: Partial<ApiConfig> = {}, logger = silentLogger) => {
  const { db, url } = await useTestDatabase();
  const config = { ...readApiConfig({ DATABASE_URL: url }), port: 0, ...changes };
  const api = await startApi({ config, logger });
  const { port } = api;
  const stop = onlyOnce(api.stop);
  onTestFinished(stop);
  const base = `http://127.0.0.1:${port}`;
  const call = (path: string, options: RequestInit = {}) => fetch(`${base}${path}`, options);
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  /** @returns the id of a store that was accepted. */
  const create = async (name: string): Promise<string> =>
    CreateStoreAnswer.parse(await (await post('/api/stores', { name, type: 'woocommerce' })).json()).storeId;
  return { port, stop, base, config, call, post, create, db };
};

/** A test may stop its API before its end. */
const onlyOnce = (stop: () => Promise<void>): (() => Promise<void>) => {
  let stopped: Promise<void> | undefined;
  return () => (stopped ??= stop());
};

/** @returns the problem of an answer, checked against the contract. */
export const problemOf = async (response: Response) => {
  if (response.headers.get('content-type')?.split(';')[0] !== 'application/problem+json') {
    throw new Error(`This is no problem: ${response.status} ${await response.text()}`);
  }
  const problem = Problem.strict().parse(await response.json());
  if (problem.status !== response.status)
    throw new Error(`${response.status} is said to be ${problem.status}`);
  return problem;
};

/** Status and code: what a table of refusals compares. */
export const refusalOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  (await problemOf(response)).code,
];

/** For what `fetch` refuses to send, e.g. a Host or bytes of one's own choice. */
export const sendRaw = (
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Response> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const isChunked = headers['transfer-encoding'] !== undefined;
    const length = body === undefined || isChunked ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method, headers: { ...length, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve(
          new Response(chunks.length > 0 ? Buffer.concat(chunks) : null, {
            status: response.statusCode ?? 0,
            headers: Object.entries(response.headers).map(([name, value]): [string, string] => [
              name,
              String(value),
            ]),
          }),
        ),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
