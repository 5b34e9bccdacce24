import { createHash, randomBytes } from 'node:crypto';
import { admit } from '../admission/admit.ts';
import { at, isJsonObject, numberAt, objectsAt, stringsAt, type JsonObject } from '../objects/json.ts';
import { KubeStatusError } from '../objects/kube-status-error.ts';
import type { KubeObject, ObjectMeta, ObjectStore } from '../objects/object-store.ts';
import { deployments, pods, replicaSets } from '../objects/resources.ts';
import { recordEvent } from './record-event.ts';

const hashLabel = 'pod-template-hash';

/** Deployment → replica set of its present template; older ones go to zero first, as strategy Recreate asks. */
export const reconcileDeployment = (store: ObjectStore, namespace: string, name: string): void => {
  const deployment = store.get(deployments, namespace, name);
  if (!deployment || deployment.metadata.deletionTimestamp) return;
  const hash = hashOf(at(deployment, 'spec', 'template'));
  const own = store.list(replicaSets, namespace).filter(isOwnedBy(deployment));
  const current = own.find(({ metadata }) => metadata.labels?.[hashLabel] === hash);
  const older = own.filter((other) => other !== current);
  for (const { metadata } of older)
    store.update(replicaSets, namespace, metadata.name, (set) => scale(set, 0));
  const replicas = numberAt(deployment, 'spec', 'replicas') ?? 1;
  if (current) store.update(replicaSets, namespace, current.metadata.name, (set) => scale(set, replicas));
  else if (older.every((set) => podsOf(store, set).length === 0))
    createReplicaSet(store, deployment, hash, replicas);
  writeDeploymentStatus(store, deployment, current);
};

const scale = (set: KubeObject, replicas: number): void => {
  if (isJsonObject(set['spec'])) set['spec']['replicas'] = replicas;
};

const createReplicaSet = (
  store: ObjectStore,
  deployment: KubeObject,
  hash: string,
  replicas: number,
): void => {
  const template = templateOf(deployment, hash);
  const labels = stringsAt(template, 'metadata', 'labels');
  const matchLabels = { ...stringsAt(deployment, 'spec', 'selector', 'matchLabels'), [hashLabel]: hash };
  const set = store.create(replicaSets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: metaOf(deployment, `${deployment.metadata.name}-${hash}`, labels),
    spec: { replicas, selector: { matchLabels }, template },
  });
  const message = `Scaled up replica set ${set.metadata.name} to ${replicas}`;
  recordEvent(store, deployment, { reason: 'ScalingReplicaSet', message });
};

const templateOf = (deployment: KubeObject, hash: string): JsonObject => {
  const template = structuredClone(at(deployment, 'spec', 'template'));
  if (!isJsonObject(template)) return {};
  return {
    ...template,
    metadata: {
      labels: { ...stringsAt(template, 'metadata', 'labels'), [hashLabel]: hash },
      annotations: stringsAt(template, 'metadata', 'annotations'),
    },
  };
};

const hashOf = (template: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(template) ?? '')
    .digest('hex')
    .slice(0, 10);

const metaOf = (owner: KubeObject, name: string, labels: Record<string, string>): ObjectMeta => ({
  name,
  namespace: owner.metadata.namespace ?? '',
  labels,
  uid: '',
  resourceVersion: '',
  creationTimestamp: '',
  ownerReferences: [
    {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid,
      controller: true,
    },
  ],
});

const isOwnedBy =
  (owner: KubeObject) =>
  ({ metadata }: KubeObject): boolean =>
    metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) ?? false;

const podsOf = (store: ObjectStore, set: KubeObject) =>
  store.list(pods, set.metadata.namespace).filter(isOwnedBy(set));

export const isPodReady = (pod: KubeObject): boolean =>
  !pod.metadata.deletionTimestamp &&
  objectsAt(pod, 'status', 'conditions').some(({ type, status }) => type === 'Ready' && status === 'True');

const writeDeploymentStatus = (
  store: ObjectStore,
  deployment: KubeObject,
  set: KubeObject | undefined,
): void => {
  const own = set ? podsOf(store, set).filter(({ metadata }) => !metadata.deletionTimestamp) : [];
  const ready = own.filter(isPodReady).length;
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const refused = objectsAt(set, 'status', 'conditions').find(({ type }) => type === 'ReplicaFailure');
  const available = {
    type: 'Available',
    status: ready >= wanted ? 'True' : 'False',
    reason: 'MinimumReplicas',
  };
  store.update(deployments, deployment.metadata.namespace, deployment.metadata.name, (object) => {
    object['status'] = {
      observedGeneration: deployment.metadata.generation ?? 1,
      replicas: own.length,
      updatedReplicas: own.length,
      readyReplicas: ready,
      availableReplicas: ready,
      conditions: [
        available,
        { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
        ...(refused ? [refused] : []),
      ],
    };
  });
};

/** Replica set → as many pods as it wants. What refuses a pod stands in its conditions. */
export const reconcileReplicaSet = (store: ObjectStore, namespace: string, name: string): void => {
  const set = store.get(replicaSets, namespace, name);
  if (!set || set.metadata.deletionTimestamp) return;
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const own = podsOf(store, set);
  const alive = own.filter(({ metadata }) => !metadata.deletionTimestamp);
  for (const { metadata } of alive.slice(wanted)) {
    store.update(pods, namespace, metadata.name, (pod) => {
      pod.metadata.deletionTimestamp = new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
    });
  }
  // One that goes counts no more: its successor doesn't wait for it.
  const missing = Math.max(0, wanted - alive.length);
  const refusal = createPods(store, set, missing);
  const message = refusal && refusalMessage(set, refusal);
  store.update(replicaSets, namespace, name, (object) => {
    const conditions =
      message === undefined
        ? []
        : [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }];
    const ready = alive.filter(isPodReady).length;
    object['status'] = {
      observedGeneration: set.metadata.generation ?? 1,
      replicas: alive.length,
      readyReplicas: ready,
      conditions,
    };
  });
  if (refusal) throw refusal;
};

const createPods = (store: ObjectStore, set: KubeObject, count: number): KubeStatusError | undefined => {
  try {
    for (let made = 0; made < count; made += 1) createPod(store, set);
    return undefined;
  } catch (error) {
    if (!(error instanceof KubeStatusError)) throw error;
    recordEvent(store, set, {
      type: 'Warning',
      reason: 'FailedCreate',
      message: `Error creating: ${refusalMessage(set, error)}`,
    });
    return error;
  }
};

/** Without the ending that each try makes up anew: the same refusal is one event, and no change of the status. */
const refusalMessage = (set: KubeObject, { message, details }: KubeStatusError): string =>
  message.replace(String(details['name']), `${set.metadata.name}-`);

const createPod = (store: ObjectStore, set: KubeObject): void => {
  const template = at(set, 'spec', 'template');
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metaOf(
        set,
        `${set.metadata.name}-${randomBytes(3).toString('hex').slice(0, 5)}`,
        stringsAt(template, 'metadata', 'labels'),
      ),
      annotations: stringsAt(template, 'metadata', 'annotations'),
    },
    spec: structuredClone(at(template, 'spec')),
  };
  admit(store, pods, pod);
  const made = store.create(pods, pod);
  recordEvent(store, set, { reason: 'SuccessfulCreate', message: `Created pod: ${made.metadata.name}` });
};
