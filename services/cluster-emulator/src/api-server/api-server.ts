import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@store-platform/shared/log/logger';
import type { AskedFor, Fault, Faults } from '../faults/faults.ts';
import { stringAt } from '../objects/json.ts';
import { KubeStatusError } from '../objects/kube-status-error.ts';
import { namespaces } from '../objects/resources.ts';
import { serveExec, type RunCommand } from './exec-socket.ts';
import { handleRequest, sendJson, type Handling } from './handle-request.ts';
import { readObject } from './operations.ts';
import { badRequest, chooseContainer } from './pod-container.ts';
import { readBody } from './read-body.ts';
import { targetOf, type Target } from './target.ts';

export interface ApiServerOptions extends Handling {
  readonly tls: { readonly key: string; readonly cert: string };
  readonly token: string;
  readonly port: number;
  readonly logger: Logger;
  /** @returns undefined when the container doesn't run. */
  exec(namespace: string, pod: string, container: string): RunCommand | undefined;
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
  server.on('upgrade', (request, socket, head) => {
    // Whoever goes away meanwhile takes nobody along.
    socket.on('error', () => socket.destroy());
    void upgrade(options, request, socket, head);
  });
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
  const plural = tryTarget(pathname)?.resource.plural ?? pathname;
  const verb = isWatch(searchParams) ? 'WATCH' : method;
  const name = `${verb} ${plural}`;
  counts[name] = (counts[name] ?? 0) + 1;
  const effect = faults.isWaiting()
    ? faults.take({ method: verb, resource: plural, ...(await placeOf(request, pathname)) })
    : undefined;
  if (effect?.kind === 'delay') await pause(effect.ms);
  return effect;
};

/** Which namespace, and which object, a request is about; of a namespace that is to be made only its body says it. */
const placeOf = async (
  request: IncomingMessage,
  pathname: string,
): Promise<Pick<AskedFor, 'namespace' | 'name'>> => {
  const { resource, namespace, name } = tryTarget(pathname) ?? {};
  if (resource !== namespaces) return { namespace, name };
  const made = request.method === 'POST' ? stringAt(await readBody(request), 'metadata', 'name') : name;
  return { namespace: made, name: made };
};

const isWatch = (query: URLSearchParams) => ['1', 'true'].includes(query.get('watch') ?? '');

const tryTarget = (path: string): Target | undefined => {
  try {
    return targetOf(path);
  } catch {
    return undefined;
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

const knownError = (error: unknown, logger: Logger): KubeStatusError => {
  if (error instanceof KubeStatusError) return error;
  logger.error({ err: error }, 'The emulated API met a fault');
  return new KubeStatusError(500, 'InternalError', 'an internal error');
};

const refuse = (response: ServerResponse, error: unknown, logger: Logger): void => {
  const known = knownError(error, logger);
  if (!response.headersSent) sendJson(response, known.code, known.toStatus());
  else response.destroy();
};

const upgrade = async (
  options: ApiServerOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> => {
  try {
    demandToken(request, options.token);
    const run = commandOf(options, request);
    const { namespace, name } = tryTarget(new URL(request.url ?? '/', 'https://emulator').pathname) ?? {};
    const effect = options.faults.take({ method: 'EXEC', resource: 'pods', namespace, name });
    if (effect?.kind === 'delay') await pause(effect.ms);
    if (effect?.kind === 'status') throw new KubeStatusError(effect.code, effect.reason, effect.message);
    if (effect?.kind === 'cut') socket.destroy();
    else if (effect?.kind !== 'hang') serveExec(request, socket, head, run, effect?.kind === 'answer lost');
  } catch (error) {
    refuseUpgrade(socket, error, options.logger);
  }
};

const commandOf = (options: ApiServerOptions, request: IncomingMessage): RunCommand => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://emulator');
  const target = targetOf(pathname);
  if (target.subresource !== 'exec') throw badRequest('only exec is a WebSocket here');
  const pod = readObject(options.store, target);
  const { namespace = '', name } = pod.metadata;
  const container = chooseContainer(pod, searchParams.get('container') ?? undefined);
  const run = options.exec(namespace, name, container);
  if (!run) throw new KubeStatusError(500, 'InternalError', `container not found ("${container}")`);
  if (request.headers.upgrade?.toLowerCase() !== 'websocket')
    throw badRequest('this cluster is emulated and speaks exec over WebSocket, as kubectl does since 1.31');
  return run;
};

const refuseUpgrade = (socket: Duplex, error: unknown, logger: Logger): void => {
  const known = knownError(error, logger);
  const body = JSON.stringify(known.toStatus());
  const headers = `content-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}`;
  socket.end(`HTTP/1.1 ${known.code} Refused\r\n${headers}\r\n\r\n${body}`);
};
