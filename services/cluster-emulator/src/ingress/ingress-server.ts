import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from '@store-platform/shared/log/logger';
import { isPodReady } from '../controllers/deployments.ts';
import { at, numberAt, objectsAt, stringAt, stringsAt, type JsonObject } from '../objects/json.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { ingresses, pods, services } from '../objects/resources.ts';
import type { PlacedPod, PodRuntime } from '../pod-runtime/pod-runtime.ts';

export interface IngressOptions {
  readonly store: ObjectStore;
  readonly runtime: PodRuntime;
  readonly port: number;
  readonly logger: Logger;
  findPlacedPod(namespace: string, name: string): PlacedPod | undefined;
}

export interface IngressServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** The cluster's one door for visitors: by Host header and path to a service, and on to a ready pod of it. */
export const startIngress = async (options: IngressOptions): Promise<IngressServer> => {
  const server = createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      options.logger.warn({ err: error }, 'A shop met a fault');
      if (!response.headersSent) sendPage(response, 502, 'The shop did not answer', 'Try again in a moment.');
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const serve = async (
  options: IngressOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const backend = findBackend(options.store, host, request.url ?? '/');
  if (!backend)
    return sendPage(response, 404, 'There is no shop here', 'It may have been deleted, or is not open yet.');
  const pod = findPod(options, backend);
  if (!pod)
    return sendPage(response, 503, 'This shop is closed for a moment', 'It is starting; try again shortly.');
  request.headers['x-forwarded-host'] = request.headers.host ?? host;
  request.headers['x-forwarded-proto'] = 'http';
  request.headers['x-forwarded-for'] = request.socket.remoteAddress ?? '';
  return options.runtime.http(pod.placed, pod.port, request, response);
};

interface Backend {
  readonly namespace: string;
  readonly service: KubeObject;
  readonly port: number;
}

const findBackend = (store: ObjectStore, host: string, url: string): Backend | undefined => {
  for (const ingress of store.list(ingresses)) {
    const rule = objectsAt(ingress, 'spec', 'rules').find((candidate) =>
      isHost(stringAt(candidate, 'host'), host),
    );
    const path = objectsAt(rule, 'http', 'paths').find((candidate) =>
      url.startsWith(stringAt(candidate, 'path') ?? '/'),
    );
    const name = stringAt(path, 'backend', 'service', 'name');
    const service = name ? store.get(services, ingress.metadata.namespace, name) : undefined;
    if (!service) continue;
    return {
      namespace: ingress.metadata.namespace ?? '',
      service,
      port: numberAt(path, 'backend', 'service', 'port', 'number') ?? 80,
    };
  }
  return undefined;
};

/** Not every program resolves `*.localhost`, so its shops also answer to nip.io's name of the same address. */
const isHost = (rule: string | undefined, host: string): boolean =>
  rule === undefined ||
  rule === host ||
  (rule.endsWith('.localhost') && rule.replace(/localhost$/, '127.0.0.1.nip.io') === host);

const findPod = ({ store, findPlacedPod }: IngressOptions, { namespace, service, port }: Backend) => {
  const selector = Object.entries(stringsAt(service, 'spec', 'selector'));
  const pod = store
    .list(pods, namespace)
    .find(
      (candidate) =>
        isPodReady(candidate) && selector.every(([key, value]) => candidate.metadata.labels?.[key] === value),
    );
  const placed = pod && findPlacedPod(namespace, pod.metadata.name);
  return placed && { placed, port: targetPort(objectsAt(service, 'spec', 'ports'), port) };
};

const targetPort = (ports: readonly JsonObject[], port: number): number => {
  const target = at(
    ports.find((candidate) => candidate['port'] === port),
    'targetPort',
  );
  return typeof target === 'number' ? target : port;
};

const sendPage = (response: ServerResponse, status: number, title: string, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><body style="font-family:system-ui,sans-serif;margin:15vh auto;max-width:30rem;padding:0 1rem">
<h1>${title}</h1><p>${text}</p></body></html>`);
};
