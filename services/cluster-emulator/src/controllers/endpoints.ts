import { numberAt, objectsAt, stringAt, stringsAt } from '../objects/json.ts';
import type { KubeObject, ObjectMeta, ObjectStore } from '../objects/object-store.ts';
import { endpoints, namespaces, pods, services } from '../objects/resources.ts';
import { isPodReady } from './deployments.ts';

/** Each service's ready pods, as `kubectl describe service` shows them. The ingress asks the pods themselves. */
export const writeEndpoints = (store: ObjectStore, namespace: string): void => {
  if (store.get(namespaces, undefined, namespace)?.metadata.deletionTimestamp) return;
  const ready = store.list(pods, namespace).filter(isPodReady);
  for (const service of store.list(services, namespace)) {
    const subsets = subsetsOf(service, ready);
    if (store.get(endpoints, namespace, service.metadata.name))
      store.update(endpoints, namespace, service.metadata.name, (object) => {
        object['subsets'] = subsets;
      });
    else store.create(endpoints, { apiVersion: 'v1', kind: 'Endpoints', metadata: metaOf(service), subsets });
  }
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

const subsetsOf = (service: KubeObject, ready: readonly KubeObject[]) => {
  const selector = Object.entries(stringsAt(service, 'spec', 'selector'));
  const chosen = ready.filter(({ metadata }) =>
    selector.every(([key, value]) => metadata.labels?.[key] === value),
  );
  if (selector.length === 0 || chosen.length === 0) return [];
  return [{ addresses: chosen.map(addressOf), ports: objectsAt(service, 'spec', 'ports').map(portOf) }];
};

const addressOf = (pod: KubeObject) => ({
  ip: stringAt(pod, 'status', 'podIP') ?? '127.0.0.1',
  nodeName: stringAt(pod, 'spec', 'nodeName') ?? '',
  targetRef: {
    kind: 'Pod',
    name: pod.metadata.name,
    namespace: pod.metadata.namespace ?? '',
    uid: pod.metadata.uid,
  },
});

const portOf = (port: Record<string, unknown>) => ({
  ...(stringAt(port, 'name') && { name: stringAt(port, 'name') }),
  port: numberAt(port, 'targetPort') ?? numberAt(port, 'port') ?? 0,
  protocol: stringAt(port, 'protocol') ?? 'TCP',
});
