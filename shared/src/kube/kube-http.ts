import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import {
  Agent as HttpsAgent,
  request as httpsRequest,
  type RequestOptions as HttpsRequestOptions,
} from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { isNetworkError, KubeStatusError } from './kube-error.ts';
import { createTokenBucket } from './token-bucket.ts';

export interface KubeCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  /** Of one try; unset, the usual one. */
  readonly timeoutMs?: number;
  /** Sent again after a network error or a 5xx: only what may happen twice. 429 is always sent again. */
  readonly repeatable: boolean;
  /** Asked before each try, also the repeated ones: whoever may no longer write throws here. */
  readonly beforeTry?: (() => Promise<void>) | undefined;
}

export interface KubeHttp {
  /** @throws KubeStatusError, a network error, or the signal's reason. */
  call(call: KubeCall): Promise<unknown>;
  /** An answer without an end, such as a watch; the caller reads and ends it. It must begin within a call's time. */
  open(path: string, signal: AbortSignal): Promise<IncomingMessage>;
  /** How many requests were sent, repetitions included, by method. */
  counts(): Readonly<Record<string, number>>;
  close(): void;
}

/** Where the cluster is and how to prove who one is. */
export type KubeEndpoint = Pick<KubeConfig, 'getCurrentCluster' | 'applyToHTTPSOptions'>;

export interface KubeHttpOptions {
  readonly callTimeoutMs?: number;
  /** Waits so many milliseconds between two tries. */
  readonly wait?: (ms: number, value: undefined, options?: { signal: AbortSignal }) => Promise<void>;
}

/** One call's time, so that it fits into a worker's lease of 8 s. */
export const usualCallTimeoutMs = 5_000;
const maxTries = 4;
/** A budget per worker: a thousand stores in a minute need about 300 calls a second, shared by four workers. */
const callsPerSecond = 100;
const callBurst = 200;

/**
 * One wrapper for all that client-node 1.4 leaves out: a time-out per call, repetition with Retry-After and jitter, a
 * rate limit, and connections that are kept (`docs/decisions/006-one-http-wrapper.md`).
 */
export const createKubeHttp = async (
  kubeConfig: KubeEndpoint,
  { callTimeoutMs = usualCallTimeoutMs, wait = pause }: KubeHttpOptions = {},
): Promise<KubeHttp> => {
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster) throw new Error('The kubeconfig names no cluster');
  const base = new URL(cluster.server);
  const secure = base.protocol === 'https:';
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, maxSockets: 32, ...(await tlsOf(kubeConfig)) })
    : new HttpAgent({ keepAlive: true, maxSockets: 32 });
  const bucket = createTokenBucket(callsPerSecond, callBurst);
  const counts: Record<string, number> = {};

  const send = async (
    call: Pick<KubeCall, 'method' | 'path' | 'body' | 'contentType'>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> => {
    counts[call.method] = (counts[call.method] ?? 0) + 1;
    const text = call.body === undefined ? undefined : JSON.stringify(call.body);
    const options: RequestOptions = {
      method: call.method,
      agent,
      signal,
      headers: {
        accept: 'application/json',
        ...(await authOf(kubeConfig)),
        ...(text && {
          'content-type': call.contentType ?? 'application/json',
          'content-length': Buffer.byteLength(text),
        }),
      },
    };
    return new Promise((resolve, reject) => {
      const url = new URL(`${base.pathname.replace(/\/$/, '')}${call.path}`, base);
      const request = (secure ? httpsRequest : httpRequest)(url, options, resolve);
      request.on('error', reject);
      request.end(text);
    });
  };

  const callOnce = async (call: KubeCall): Promise<unknown> => {
    await bucket.take(call.signal);
    await call.beforeTry?.();
    const timeout = AbortSignal.timeout(call.timeoutMs ?? callTimeoutMs);
    const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
    try {
      const response = await send(call, signal);
      const body = await readText(response);
      return answerOf(response, body);
    } catch (error) {
      // An aborted request says AbortError, whoever aborted it.
      call.signal?.throwIfAborted();
      throw timeout.aborted ? timeout.reason : error;
    }
  };

  return {
    call: async (call) => {
      for (let tried = 1; ; tried += 1) {
        try {
          return await callOnce(call);
        } catch (error) {
          if (tried >= maxTries || !mayRepeat(error, call.repeatable)) throw error;
          await wait(
            repeatAfterMs(error, tried),
            undefined,
            call.signal ? { signal: call.signal } : undefined,
          );
        }
      }
    },
    open: async (path, signal) => {
      const slow = new AbortController();
      const timer = setTimeout(() => slow.abort(), callTimeoutMs);
      try {
        const response = await send({ method: 'GET', path }, AbortSignal.any([signal, slow.signal]));
        if (response.statusCode === 200) return response;
        throw refusalOf(response, await readText(response));
      } catch (error) {
        signal.throwIfAborted();
        throw slow.signal.aborted ? new DOMException('The answer did not begin', 'TimeoutError') : error;
      } finally {
        clearTimeout(timer);
      }
    },
    counts: () => ({ ...counts }),
    close: () => agent.destroy(),
  };
};

const answerOf = (response: IncomingMessage, body: string): unknown => {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) throw refusalOf(response, body);
  return JSON.parse(body);
};

const refusalOf = ({ statusCode = 0, headers }: IncomingMessage, body: string): KubeStatusError =>
  new KubeStatusError(statusCode, body, headers['retry-after']);

const mayRepeat = (error: unknown, repeatable: boolean): boolean => {
  if (error instanceof KubeStatusError) return error.status === 429 || (repeatable && error.status >= 500);
  return repeatable && isNetworkError(error);
};

const longestRetryAfterMs = 30_000;
/** As the server asks; else doubling from a quarter of a second, with jitter so that workers don't march in step. */
const repeatAfterMs = (error: unknown, tried: number): number => {
  const asked = error instanceof KubeStatusError ? error.retryAfterSeconds : undefined;
  if (asked !== undefined) return Math.min(asked * 1000, longestRetryAfterMs);
  return 250 * 2 ** (tried - 1) * (0.5 + Math.random());
};

export const readText = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
};

/** Of the kubeconfig: certificates, read once. */
const tlsOf = async (kubeConfig: KubeEndpoint) => {
  const options: HttpsRequestOptions = {};
  await kubeConfig.applyToHTTPSOptions(options);
  const { ca, cert, key, rejectUnauthorized } = options;
  return Object.fromEntries(
    Object.entries({ ca, cert, key, rejectUnauthorized }).filter(([, value]) => value !== undefined),
  );
};

/** Tokens may be renewed by files or programs, so each call asks. */
const authOf = async (kubeConfig: KubeEndpoint): Promise<Record<string, string>> => {
  const options: RequestOptions = {};
  await kubeConfig.applyToHTTPSOptions(options);
  if (options.auth) return { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` };
  const header = Object.entries(options.headers ?? {}).find(
    ([name]) => name.toLowerCase() === 'authorization',
  )?.[1];
  return typeof header === 'string' ? { authorization: header } : {};
};
