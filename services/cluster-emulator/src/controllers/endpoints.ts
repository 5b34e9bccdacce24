import { numberAt, objectsAt, stringAt, stringsAt, type JsonObject } from '../objects/json.ts';
import type { KubeObject, ObjectMeta, ObjectStore, Resource } from '../objects/object-store.ts';
import { apiVersionOf, endpoints, endpointSlices, namespaces, pods, services } from '../objects/resources.ts';
import { isPodReady } from './deployments.ts';

/**
 * Each service's ready pods, as `kubectl describe service` shows them: in slices for today's, in endpoints for that of
 * before. The ingress asks the pods themselves.
 */
export const writeEndpoints = (store: ObjectStore, namespace: string): void => {
  if (store.get(namespaces, undefined, namespace)?.metadata.deletionTimestamp) return;
  const ready = store.list(pods, namespace).filter(isPodReady);
  for (const service of store.list(services, namespace)) {
    const chosen = podsOf(service, ready);
    const ports = objectsAt(service, 'spec', 'ports').map(portOf);
    const subsets = chosen.length > 0 ? [{ addresses: chosen.map(addressOf), ports }] : [];
    write(store, endpoints, metaOf(service), { subsets });
    const slice = { addressType: 'IPv4', endpoints: chosen.map(endpointOf), ports };
    write(store, endpointSlices, sliceMetaOf(service), slice);
  }
};

const write = (store: ObjectStore, resource: Resource, metadata: ObjectMeta, content: JsonObject): void => {
  const { namespace, name } = metadata;
  if (store.get(resource, namespace, name))
    store.update(resource, namespace, name, (object) => void Object.assign(object, content));
  else
    store.create(resource, { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, ...content });
};

/** Owned by its service, and so gone with it. */
const metaOf = ({ apiVersion, kind, metadata: { name, namespace = '', uid } }: KubeObject): ObjectMeta => ({
  name,
  namespace,
  uid: '',
  resourceVersion: '',
  creationTimestamp: '',
  ownerReferences: [{ apiVersion, kind, name, uid }],
});

/** By this label clients find the slices of a service. */
const sliceMetaOf = (service: KubeObject): ObjectMeta => ({
  ...metaOf(service),
  labels: { 'kubernetes.io/service-name': service.metadata.name },
});

const podsOf = (service: KubeObject, ready: readonly KubeObject[]): KubeObject[] => {
  const selector = Object.entries(stringsAt(service, 'spec', 'selector'));
  if (selector.length === 0) return [];
  return ready.filter(({ metadata }) => selector.every(([key, value]) => metadata.labels?.[key] === value));
};

const ipOf = (pod: KubeObject) => stringAt(pod, 'status', 'podIP') ?? '127.0.0.1';
const nodeOf = (pod: KubeObject) => stringAt(pod, 'spec', 'nodeName') ?? '';
const refTo = ({ metadata: { name, namespace = '', uid } }: KubeObject) => ({
  kind: 'Pod',
  name,
  namespace,
  uid,
});

const addressOf = (pod: KubeObject) => ({ ip: ipOf(pod), nodeName: nodeOf(pod), targetRef: refTo(pod) });

const endpointOf = (pod: KubeObject) => ({
  addresses: [ipOf(pod)],
  conditions: { ready: true },
  nodeName: nodeOf(pod),
  targetRef: refTo(pod),
});

const portOf = (port: JsonObject) => ({
  ...(stringAt(port, 'name') && { name: stringAt(port, 'name') }),
  port: numberAt(port, 'targetPort') ?? numberAt(port, 'port') ?? 0,
  protocol: stringAt(port, 'protocol') ?? 'TCP',
});
