import { numberAt, objectsAt, stringAt, type JsonObject } from '../objects/json.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { ingresses } from '../objects/resources.ts';

/** Where requests for one path of one host go. */
export interface Route {
  readonly path: string;
  /** The whole path, not what lies below it too. */
  readonly isExact: boolean;
  readonly namespace: string;
  readonly service: string;
  /** The service's port, by number or name. */
  readonly port: number | string;
}

export interface RouteTable {
  /** @returns the longest path that fits; rules that name the host go before rules for any host. */
  find(host: string, path: string): Route | undefined;
  stop(): void;
}

const anyHost = '';

/** Follows the ingresses, so that a request asks for its own host alone, however many shops there are. */
export const createRouteTable = (store: ObjectStore): RouteTable => {
  /** Host → UID of an ingress → its routes for that host. */
  const hosts = new Map<string, Map<string, Route[]>>();
  const forget = ({ metadata }: KubeObject) => {
    for (const [host, owners] of hosts) {
      if (owners.delete(metadata.uid) && owners.size === 0) hosts.delete(host);
    }
  };
  const learn = (ingress: KubeObject) => {
    for (const rule of objectsAt(ingress, 'spec', 'rules')) {
      const host = stringAt(rule, 'host') ?? anyHost;
      const owners = hosts.get(host) ?? new Map<string, Route[]>();
      const { uid, namespace = '' } = ingress.metadata;
      owners.set(uid, [...(owners.get(uid) ?? []), ...routesOf(rule, namespace)]);
      hosts.set(host, owners);
    }
  };
  const stop = store.subscribe(({ type, resource, object }) => {
    if (resource.plural !== ingresses.plural || resource.group !== ingresses.group) return;
    if (type !== 'ADDED') forget(object);
    if (type !== 'DELETED') learn(object);
  });
  for (const ingress of store.list(ingresses)) learn(ingress);
  const candidates = (host: string) => [...(hosts.get(host)?.values() ?? [])].flat();
  return {
    find: (host, path) => {
      for (const name of [host, otherName(host), anyHost]) {
        const found = name === undefined ? undefined : longest(candidates(name), path);
        if (found) return found;
      }
      return undefined;
    },
    stop,
  };
};

const routesOf = (rule: JsonObject, namespace: string): Route[] =>
  objectsAt(rule, 'http', 'paths').map((entry) => ({
    path: stringAt(entry, 'path') ?? '/',
    isExact: entry['pathType'] === 'Exact',
    namespace,
    service: stringAt(entry, 'backend', 'service', 'name') ?? '',
    port:
      numberAt(entry, 'backend', 'service', 'port', 'number') ??
      stringAt(entry, 'backend', 'service', 'port', 'name') ??
      '',
  }));

const longest = (routes: readonly Route[], path: string): Route | undefined =>
  routes
    .filter((route) => fits(route, path))
    .toSorted((a, b) => b.path.length - a.path.length)
    .at(0);

/** Path elements count whole, as Kubernetes defines it: `/shop` holds `/shop/1` and not `/shopping`. */
const fits = ({ path, isExact }: Route, asked: string): boolean =>
  isExact ? asked === path : `${asked}/`.startsWith(path.endsWith('/') ? path : `${path}/`);

const loopbackNames = ['.localhost', '.127.0.0.1.nip.io'] as const;

/** Not every program resolves `*.localhost`, and nip.io needs the internet: shops of one answer to the other too. */
const otherName = (host: string): string | undefined => {
  const [local, nip] = loopbackNames;
  if (host.endsWith(local)) return host.slice(0, -local.length) + nip;
  return host.endsWith(nip) ? host.slice(0, -nip.length) + local : undefined;
};
