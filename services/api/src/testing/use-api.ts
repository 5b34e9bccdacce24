import { onTestFinished } from 'vitest';
import { readApiConfig, type ApiConfig } from '@store-platform/shared/config/api-config';
import { CreateStoreAnswer } from '@store-platform/shared/contract/api';
import { Problem } from '@store-platform/shared/contract/problem';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { startApi } from '../api.ts';

export const useApi = async (changes: Partial<ApiConfig> = {}) => {
  const { db, url } = await useTestDatabase();
  const config = { ...readApiConfig({ DATABASE_URL: url }), port: 0, ...changes };
  const api = await startApi({ config, logger: silentLogger });
  onTestFinished(() => api.stop());
  const base = `http://127.0.0.1:${api.port}`;
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
  return { api, base, call, post, create, db };
};

/** @returns the problem of an answer, checked against the contract. */
export const problemOf = async (response: Response) => {
  if (response.headers.get('content-type')?.split(';')[0] !== 'application/problem+json') {
    throw new Error(`This is no problem: ${response.status} ${await response.text()}`);
  }
  return Problem.parse(await response.json());
};
