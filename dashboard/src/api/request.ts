import { Problem } from '@store-platform/shared/contract/problem';
import type { z } from 'zod';
import { ApiError } from './api-error.ts';

/** An answer that takes longer than this will not come. */
const TIMEOUT_MS = 15_000;

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Answer<T> {
  readonly value: T;
  readonly headers: Headers;
}

/**
 * Calls the API at the dashboard's own address and parses what it answers.
 * @throws ApiError, and what `signal` was aborted with
 */
export const request = async <T>(
  path: `/api/${string}`,
  schema: z.ZodType<T>,
  options: RequestOptions = {},
): Promise<Answer<T>> => {
  const response = await send(path, options);
  const parsed = schema.safeParse(await jsonOf(response));
  if (!parsed.success) throw unreadable(response, parsed.error);
  return { value: parsed.data, headers: response.headers };
};

/** Like `request`, for answers without a body. */
export const requestNothing = async (path: `/api/${string}`, options: RequestOptions): Promise<void> => {
  await send(path, options);
};

const send = async (path: string, options: RequestOptions): Promise<Response> => {
  const response = await reach(path, options);
  if (response.ok) return response;
  const problem = Problem.safeParse(await jsonOf(response));
  if (!problem.success) throw response.status >= 500 ? unreachable() : unreadable(response, problem.error);
  const { detail, title, hint } = problem.data;
  throw new ApiError('refused', detail || title, { hint, problem: problem.data });
};

const reach = async (
  path: string,
  { method = 'GET', body, headers = {}, signal }: RequestOptions,
): Promise<Response> => {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(path, {
      method,
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable(error);
  }
};

/** @returns undefined for what is not JSON; the schemas refuse that. */
const jsonOf = async (response: Response): Promise<unknown> => {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
};

const unreachable = (cause?: unknown) =>
  new ApiError('unreachable', 'The platform cannot be reached.', {
    hint: 'Check that it runs; it is asked again by itself.',
    cause,
  });

const unreadable = (response: Response, cause: unknown) =>
  new ApiError('unreadable', `The platform answered ${response.status} with something unknown.`, {
    hint: 'Reload the page: dashboard and platform may be of two versions.',
    cause,
  });
