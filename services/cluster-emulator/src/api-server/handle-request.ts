import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Faults } from '../faults/faults.ts';
import { KubeStatusError } from '../objects/kube-status-error.ts';
import type { JsonObject } from '../objects/json.ts';
import type { MemoryObjectStore } from '../objects/memory-object-store.ts';
import { apiVersionOf } from '../objects/resources.ts';
import type { PodLog } from '../pod-runtime/pod-log.ts';
import { answerReview, isReview } from './access-reviews.ts';
import { discover } from './discovery.ts';
import {
  createObject,
  deleteObject,
  patchObject,
  readObject,
  replaceObject,
  type Write,
} from './operations.ts';
import { readBody } from './read-body.ts';
import { scaleOf, writeScale } from './scale.ts';
import { selectorOf } from './selectors.ts';
import { serveLog } from './serve-log.ts';
import { toTable, wantsTable } from './tables.ts';
import { targetOf, type Target } from './target.ts';
import { streamChanges } from './watch-stream.ts';

export interface Handling {
  readonly store: MemoryObjectStore;
  readonly faults: Faults;
  /** @returns undefined when there is none yet, or was none before. */
  logs(namespace: string, pod: string, container: string, previous: boolean): PodLog | undefined;
}

/** Answers one request. @throws KubeStatusError */
export const handleRequest = async (
  handling: Handling,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://emulator');
  if (['/healthz', '/livez', '/readyz'].includes(pathname)) return sendText(response, 'ok');
  const discovered = discover(pathname);
  if (discovered) return sendJson(response, 200, discovered);
  if (pathname === '/openapi/v2') return sendEmptySchema(response);
  if (isReview(pathname))
    return sendJson(response, 201, answerReview(pathname, await readBody(request)) ?? {});
  const target = targetOf(pathname);
  if (target.subresource === 'log') {
    const pod = readObject(handling.store, target);
    const { namespace = '', name } = pod.metadata;
    return serveLog(pod, searchParams, response, (container, previous) =>
      handling.logs(namespace, name, container, previous),
    );
  }
  if (request.method === 'GET') return read(handling, request, response, target, searchParams);
  return write(handling.store, request, response, {
    target,
    query: searchParams,
    manager: managerOf(request, searchParams),
  });
};

const read = (
  handling: Handling,
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  query: URLSearchParams,
) => {
  const { store } = handling;
  const asTable = wantsTable(request.headers.accept);
  if (['1', 'true'].includes(query.get('watch') ?? ''))
    return streamChanges(handling, target, query, response, asTable);
  if (target.name !== undefined) {
    const object = readObject(store, target);
    if (target.subresource === 'scale') return sendJson(response, 200, scaleOf(object));
    return sendJson(
      response,
      200,
      asTable
        ? toTable(target.resource, [object], { resourceVersion: object.metadata.resourceVersion })
        : object,
    );
  }
  const { resource, namespace } = target;
  const items = store.list(resource, namespace).filter(selectorOf(query)).toSorted(byName);
  const metadata = { resourceVersion: String(store.version()) };
  if (asTable) return sendJson(response, 200, toTable(resource, items, metadata));
  return sendJson(response, 200, {
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata,
    items,
  });
};

const byName = (a: { metadata: { namespace?: string; name: string } }, b: typeof a) =>
  `${a.metadata.namespace ?? ''}/${a.metadata.name}`.localeCompare(
    `${b.metadata.namespace ?? ''}/${b.metadata.name}`,
  );

const write = async (
  store: MemoryObjectStore,
  request: IncomingMessage,
  response: ServerResponse,
  write: Write,
): Promise<void> => {
  const { target, query } = write;
  const body = await readBody(request);
  const contentType = (request.headers['content-type'] ?? 'application/json').split(';')[0] ?? '';
  if (target.subresource === 'scale') return sendJson(response, 200, writeScale(store, write, body));
  switch (request.method ?? '') {
    case 'POST':
      return sendJson(response, 201, createObject(store, write, body));
    case 'PUT':
      return sendJson(response, 200, replaceObject(store, write, body));
    case 'PATCH':
      return sendJson(response, 200, patchObject(store, write, contentType, body));
    case 'DELETE':
      if (target.name === undefined) return sendJson(response, 200, deleteAll(store, target, query));
      return sendJson(response, 200, deleteObject(store, target, body));
    default:
      throw new KubeStatusError(405, 'MethodNotAllowed', `the server does not allow ${request.method} here`);
  }
};

const deleteAll = (store: MemoryObjectStore, target: Target, query: URLSearchParams): JsonObject => {
  for (const { metadata } of store.list(target.resource, target.namespace).filter(selectorOf(query))) {
    deleteObject(store, { ...target, namespace: metadata.namespace, name: metadata.name }, undefined);
  }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
};

const managerOf = (request: IncomingMessage, query: URLSearchParams): string =>
  query.get('fieldManager') ?? (request.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';

export const sendJson = (
  response: ServerResponse,
  code: number,
  body: object,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

/** For kubectl before 1.27: an empty document in protobuf, by which it takes every object as it is. */
const sendEmptySchema = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' });
  response.end();
};

const sendText = (response: ServerResponse, text: string): void => {
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end(text);
};
