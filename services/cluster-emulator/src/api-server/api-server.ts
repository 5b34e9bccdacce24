import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@store-platform/shared/log/logger';
import type { Fault, Faults } from '../faults/faults.ts';
import { KubeStatusError } from '../objects/kube-status-error.ts';
import { serveExec, type RunCommand } from './exec-socket.ts';
import { handleRequest, sendJson, type Handling } from './handle-request.ts';
import { targetOf } from './target.ts';

export interface ApiServerOptions extends Handling {
  readonly tls: { readonly key: string; readonly cert: string };
  readonly token: string;
  readonly port: number;
  readonly faults: Faults;
  readonly logger: Logger;
  exec(namespace: string, pod: string): RunCommand;
}

export interface ApiServer {
  readonly port: number;
  /** Requests so far, by method and plural, e.g. `PATCH deployments`. */
  counts(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** A Kubernetes API over HTTPS on loopback, for those who hold the token. */
export const startApiServer = async (options: ApiServerOptions): Promise<ApiServer> => {
  const { faults, logger } = options;
  const counts: Record<string, number> = {};

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    demandToken(request, options.token);
    const effect = await meetFault(request, faults, counts);
    if (effect?.kind === 'status') return sendFault(response, effect);
    if (effect?.kind === 'cut') return void request.socket.destroy();
    if (effect?.kind === 'hang') return;
    if (effect?.kind === 'answer lost') dropAnswer(request, response);
    await handleRequest(options, request, response);
  };

  const server = createServer({ ...options.tls, keepAliveTimeout: 60_000 }, (request, response) => {
    serve(request, response).catch((error: unknown) => refuse(response, error, logger));
  });
  server.on('upgrade', (request, socket, head) => upgrade(options, request, socket, head));
  await listen(server, options.port);
  return {
    port: portOf(server.address()),
    counts: () => ({ ...counts }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const listen = (server: ReturnType<typeof createServer>, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address ? address.port : 0;

const demandToken = (request: IncomingMessage, token: string): void => {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new KubeStatusError(401, 'Unauthorized', 'Unauthorized');
  }
};

const meetFault = async (
  request: IncomingMessage,
  faults: Faults,
  counts: Record<string, number>,
): Promise<Fault['effect'] | undefined> => {
  const method = request.method ?? 'GET';
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://emulator');
  const plural = pluralOf(pathname);
  const name = `${searchParams.has('watch') ? 'WATCH' : method} ${plural}`;
  counts[name] = (counts[name] ?? 0) + 1;
  const effect = faults.take(method, plural);
  if (effect?.kind === 'delay') await pause(effect.ms);
  return effect;
};

const pluralOf = (path: string): string => {
  try {
    return targetOf(path).resource.plural;
  } catch {
    return path;
  }
};

const sendFault = (response: ServerResponse, effect: Extract<Fault['effect'], { kind: 'status' }>) => {
  const { code, reason, message, retryAfterSeconds } = effect;
  const headers = retryAfterSeconds === undefined ? undefined : { 'retry-after': String(retryAfterSeconds) };
  sendJson(response, code, new KubeStatusError(code, reason, message).toStatus(), headers);
};

const dropAnswer = (request: IncomingMessage, response: ServerResponse) => {
  response.write = () => true;
  response.end = () => {
    request.socket.destroy();
    return response;
  };
};

const refuse = (response: ServerResponse, error: unknown, logger: Logger): void => {
  if (!(error instanceof KubeStatusError)) logger.error({ err: error }, 'The emulated API met a fault');
  const known =
    error instanceof KubeStatusError ? error : new KubeStatusError(500, 'InternalError', 'an internal error');
  if (!response.headersSent) sendJson(response, known.code, known.toStatus());
  else response.destroy();
};

const upgrade = (options: ApiServerOptions, request: IncomingMessage, socket: Duplex, head: Buffer): void => {
  try {
    demandToken(request, options.token);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://emulator');
    const { subresource, namespace = '', name = '' } = targetOf(pathname);
    if (subresource !== 'exec') throw new KubeStatusError(404, 'NotFound', 'only exec is a WebSocket here');
    const effect = options.faults.take('EXEC', 'pods');
    if (effect?.kind === 'cut') socket.destroy();
    else serveExec(request, socket, head, searchParams, options.exec(namespace, name));
  } catch (error) {
    const code = error instanceof KubeStatusError ? error.code : 500;
    socket.end(`HTTP/1.1 ${code} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  }
};
