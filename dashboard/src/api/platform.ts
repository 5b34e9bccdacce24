import { Info, Metrics } from '@store-platform/shared/contract/api';
import { request, requestNothing } from './request.ts';

export const getMetrics = async (signal: AbortSignal): Promise<Metrics> =>
  (await request('/api/metrics', Metrics, { signal })).value;

export const getInfo = async (signal: AbortSignal): Promise<Info> =>
  (await request('/api/info', Info, { signal })).value;

/** Answered by a cookie that scripts can't read. */
export const signIn = (token: string): Promise<void> =>
  requestNothing('/api/session', { method: 'POST', body: { token } });

export const signOut = (): Promise<void> => requestNothing('/api/session', { method: 'DELETE' });
