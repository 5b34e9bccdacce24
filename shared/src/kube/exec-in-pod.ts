import type { IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { PlatformError } from '../contract/problem.ts';
import { cleanText } from '../text/clean-text.ts';
import { KubeStatusError, isRefusal, toPlatformError } from './kube-error.ts';
import { usualCallTimeoutMs, type KubeEndpoint } from './kube-http.ts';
import { createLineSplitter } from './split-lines.ts';

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** A program and its arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly signal: AbortSignal;
  /** Each whole line of stdout as it comes. */
  onLine(line: string): void;
}

export interface ExecResult {
  readonly exitCode: number;
  /** The last lines of what the program wrote to stderr. */
  readonly stderr: string;
}

/** All in milliseconds. */
export interface ExecTiming {
  readonly connectMs: number;
  /** A peer that answers none of two pings in a row is gone, whatever TCP says. */
  readonly pingEveryMs: number;
}

/** A command begins within the time of a call, which is what the lease was asked for. */
const defaults: ExecTiming = { connectMs: usualCallTimeoutMs, pingEveryMs: 10_000 };
const keptStderr = 2000;
/** The newer one came with Kubernetes 1.29; before, a server refuses a list without the older one with 403. Without stdin both are the same. */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const channel = { stdout: 1, stderr: 2, status: 3 } as const;

/**
 * Runs a command in a container to its end, over Kubernetes' WebSocket protocol. Written against `ws` itself: client-node's
 * Exec has no time-out, no ping, and ends the process' own stdout when the server closes a stream.
 * @throws PlatformError `cluster_away` when the connection breaks first (nobody knows how the command ended),
 * `exec_failed` when it could not be run, or the signal's reason.
 */
export const execInPod = async (
  kubeConfig: KubeEndpoint,
  request: ExecRequest,
  timing: ExecTiming = defaults,
): Promise<ExecResult> => {
  const options: RequestOptions = {};
  await kubeConfig.applyToHTTPSOptions(options);
  request.signal.throwIfAborted();
  // From here to the listeners nothing is awaited: neither an abort nor a frame can slip through.
  const socket = new WebSocket(addressOf(kubeConfig, request), protocols, {
    ...options,
    handshakeTimeout: timing.connectMs,
  });
  const abort = () => socket.terminate();
  request.signal.addEventListener('abort', abort, { once: true });
  const stopPings = keepAsking(socket, timing.pingEveryMs);
  try {
    return await followToEnd(socket, request.onLine);
  } catch (error) {
    request.signal.throwIfAborted();
    throw error;
  } finally {
    stopPings();
    request.signal.removeEventListener('abort', abort);
    socket.close();
  }
};

const addressOf = (kubeConfig: KubeEndpoint, { namespace, pod, container, command }: ExecRequest): string => {
  const server = kubeConfig.getCurrentCluster()?.server ?? '';
  const query = new URLSearchParams({ stdout: 'true', stderr: 'true', container });
  for (const part of command) query.append('command', part);
  const base = server.replace(/^http/, 'ws').replace(/\/$/, '');
  return `${base}/api/v1/namespaces/${namespace}/pods/${pod}/exec?${String(query)}`;
};

/** Reads frames until the status frame, or until there can be none any more. */
const followToEnd = (socket: WebSocket, onLine: (line: string) => void): Promise<ExecResult> =>
  new Promise((resolve, reject) => {
    let stderr: Buffer = Buffer.alloc(0);
    const lines = createLineSplitter(onLine);
    socket.on('message', (data) => {
      if (!Buffer.isBuffer(data)) return;
      const content = data.subarray(1);
      if (data[0] === channel.stdout) lines.push(content);
      if (data[0] === channel.stderr) stderr = Buffer.concat([stderr, content]).subarray(-keptStderr);
      if (data[0] !== channel.status) return;
      lines.end();
      try {
        const exitCode = exitCodeOf(content.toString('utf8'));
        resolve({ exitCode, stderr: cleanText(stderr.toString('utf8'), keptStderr) });
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on('unexpected-response', (request, response) => {
      void refusal(response).then(reject, reject);
      response.on('close', () => request.destroy());
    });
    socket.on('error', (cause) => reject(broken(cause)));
    // Never brought by a status frame: the command may have ended, or may still run.
    socket.on('close', () => reject(broken()));
  });

/** What Kubernetes said instead of a connection. A pod that is gone was replaced: that heals. */
const refusal = async (response: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  const error = new KubeStatusError(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'));
  return isRefusal(error) ? toPlatformError(error) : broken(error);
};

const broken = (cause?: Error) =>
  new PlatformError(
    'cluster_away',
    cause
      ? `The command could not be followed: ${cleanText(cause.message)}`
      : 'The connection to the command broke.',
    { cause },
  );

/** @returns a function that ends the asking. */
const keepAsking = (socket: WebSocket, everyMs: number): (() => void) => {
  let unanswered = 0;
  socket.on('pong', () => (unanswered = 0));
  const timer = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (unanswered >= 2) return socket.terminate();
    unanswered += 1;
    socket.ping();
  }, everyMs);
  return () => clearInterval(timer);
};

const Status = z.object({
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default('The command could not be run.'),
  details: z
    .object({
      causes: z
        .array(z.object({ reason: z.string().optional(), message: z.string().optional() }))
        .default([]),
    })
    .optional(),
});

const exitCodeOf = (text: string): number => {
  const { status, reason, message, details } = Status.parse(JSON.parse(text));
  if (status === 'Success') return 0;
  const cause = details?.causes.find(({ reason }) => reason === 'ExitCode');
  if (cause?.message !== undefined) return Number(cause.message);
  throw reason === 'NotFound'
    ? broken(new Error(message))
    : new PlatformError('exec_failed', cleanText(message));
};
