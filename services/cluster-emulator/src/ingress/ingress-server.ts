import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from '@store-platform/shared/log/logger';
import { isPodReady } from '../controllers/deployments.ts';
import { numberAt, objectsAt, stringAt, stringsAt } from '../objects/json.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { pods, services } from '../objects/resources.ts';
import type { PlacedPod, PodRuntime } from '../pod-runtime/pod-runtime.ts';
import { createRouteTable, type Route, type RouteTable } from './route-table.ts';

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
  const routes = createRouteTable(options.store);
  const server = createServer((request, response) => {
    serve(options, routes, request, response).catch((error: unknown) => {
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
        routes.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const serve = async (
  options: IngressOptions,
  routes: RouteTable,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const [path = '/'] = (request.url ?? '/').split('?');
  const route = routes.find(host, path);
  if (!route)
    return sendPage(response, 404, 'There is no shop here', 'It may have been deleted, or is not open yet.');
  const pod = findPod(options, route);
  if (!pod) {
    response.setHeader('retry-after', '5');
    return sendPage(response, 503, 'This shop is closed for a moment', 'It is starting; try again shortly.');
  }
  request.headers['x-forwarded-host'] = request.headers.host ?? host;
  request.headers['x-forwarded-proto'] = 'http';
  request.headers['x-forwarded-for'] = request.socket.remoteAddress ?? '';
  return options.runtime.http(pod.placed, pod.port, request, response);
};

/** A ready pod of the route's service, with the port on which it listens. */
const findPod = ({ store, findPlacedPod }: IngressOptions, route: Route) => {
  const { namespace } = route;
  const service = store.get(services, namespace, route.service);
  if (!service) return undefined;
  const selector = Object.entries(stringsAt(service, 'spec', 'selector'));
  const pod = store
    .list(pods, namespace)
    .find(
      (candidate) =>
        isPodReady(candidate) && selector.every(([key, value]) => candidate.metadata.labels?.[key] === value),
    );
  const placed = pod && findPlacedPod(namespace, pod.metadata.name);
  return placed && { placed, port: portOf(pod, service, route.port) };
};

/** The service's port leads to a port of the pod, by number or by the name that a container gave it. */
const portOf = (pod: KubeObject, service: KubeObject, wanted: number | string): number => {
  const port = objectsAt(service, 'spec', 'ports').find(
    (candidate) => candidate['port'] === wanted || candidate['name'] === wanted,
  );
  const name = stringAt(port, 'targetPort');
  const named = objectsAt(pod, 'spec', 'containers')
    .flatMap((container) => objectsAt(container, 'ports'))
    .find((candidate) => name !== undefined && candidate['name'] === name);
  return numberAt(named, 'containerPort') ?? numberAt(port, 'targetPort') ?? numberAt(port, 'port') ?? 80;
};

const sendPage = (response: ServerResponse, status: number, title: string, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<title>${title}</title><body style="font-family:system-ui,sans-serif;margin:15vh auto;max-width:30rem;padding:0 1rem">
<h1>${title}</h1><p>${text}</p></body></html>`);
};
