import { numberAt, stringsAt, type JsonObject } from '../objects/json.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { patchObject, type Write } from './operations.ts';
import { badRequest } from './pod-container.ts';

/** A deployment or a replica set as `kubectl scale` sees it: how many pods it wants, and how many there are. */
export const scaleOf = (object: KubeObject): JsonObject => {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const labels = Object.entries(stringsAt(object, 'spec', 'selector', 'matchLabels'));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, 'spec', 'replicas') ?? 1 },
    status: {
      replicas: numberAt(object, 'status', 'replicas') ?? 0,
      selector: labels.map(([key, value]) => `${key}=${value}`).join(','),
    },
  };
};

/** A replaced or patched Scale, written to the object that it stands for. @throws KubeStatusError 400 */
export const writeScale = (store: ObjectStore, write: Write, body: unknown): JsonObject => {
  const replicas = numberAt(body, 'spec', 'replicas');
  if (replicas === undefined || replicas < 0) throw badRequest('a scale says how many replicas it wants');
  const whole = { ...write, target: { ...write.target, subresource: undefined } };
  return scaleOf(patchObject(store, whole, 'application/merge-patch+json', { spec: { replicas } }));
};
