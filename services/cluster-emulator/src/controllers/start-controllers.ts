import type { Logger } from '@store-platform/shared/log/logger';
import { usedOf } from '../admission/quota.ts';
import { isJsonObject, stringsAt } from '../objects/json.ts';
import type { KubeObject, ObjectChange, ObjectStore, Resource } from '../objects/object-store.ts';
import {
  configMaps,
  deployments,
  ingresses,
  namespaces,
  persistentVolumeClaims,
  pods,
  replicaSets,
  resourceQuotas,
  secrets,
  services,
} from '../objects/resources.ts';
import type { PodRuntime } from '../pod-runtime/pod-runtime.ts';
import { reconcileDeployment, reconcileReplicaSet } from './deployments.ts';
import { writeEndpoints } from './endpoints.ts';
import { collectGarbage, emptyNamespace } from './namespaces.ts';
import { removeClaimFolder, removeNamespaceFolder } from './place-pod.ts';
import { createPods } from './pods.ts';
import type { RunningPod } from './run-pod.ts';
import { tellOfClaim } from './schedule-pod.ts';
import { createReconciler, keyOf, splitKey, type Reconciler } from './reconciler.ts';

export interface ControllersOptions {
  readonly store: ObjectStore;
  readonly runtime: PodRuntime;
  readonly folders: { readonly claims: string; readonly pods: string };
  readonly readyAfterMs: number;
  readonly logger: Logger;
}

export interface Controllers {
  /** A pod that has a node. */
  findPod(namespace: string, name: string): RunningPod | undefined;
  /** Stops the pods; their objects stay, and the next start runs them again. */
  stop(): Promise<void>;
}

/** Everything that a cluster does by itself, driven by what changes in the store. */
export const startControllers = (options: ControllersOptions): Controllers => {
  const { store, folders, logger } = options;
  const kubelet = createPods(options);
  const reconcilers = {
    namespaces: createReconciler('namespaces', (key) => emptyNamespace(store, splitKey(key).name), logger),
    deployments: byKey(
      'deployments',
      (namespace, name) => reconcileDeployment(store, namespace, name),
      logger,
    ),
    replicaSets: byKey(
      'replicasets',
      (namespace, name) => reconcileReplicaSet(store, namespace, name),
      logger,
    ),
    endpoints: createReconciler('endpoints', (key) => writeEndpoints(store, splitKey(key).namespace), logger),
    quotas: createReconciler('quotas', (key) => countQuotas(store, splitKey(key).namespace), logger),
    pods: byKey(
      'pods',
      async (namespace, name) => {
        const againMs = await kubelet.reconcile(namespace, name);
        if (againMs !== undefined) reconcilers.pods.ask(`${namespace}/${name}`, Math.max(1, againMs));
      },
      logger,
    ),
  };

  const unsubscribe = store.subscribe((change) => react(change, store, reconcilers, folders.claims));
  for (const resource of [namespaces, pods, deployments, replicaSets, resourceQuotas, services]) {
    for (const object of store.list(resource))
      react({ type: 'ADDED', resource, object }, store, reconcilers, folders.claims);
  }
  return {
    findPod: (namespace, name) => kubelet.find(namespace, name),
    stop: async () => {
      unsubscribe();
      for (const reconciler of Object.values(reconcilers)) reconciler.stop();
      await kubelet.stopAll();
    },
  };
};

const byKey = (
  name: string,
  look: (namespace: string, name: string) => Promise<void> | void,
  logger: Logger,
): Reconciler =>
  createReconciler(
    name,
    (key) => {
      const place = splitKey(key);
      return look(place.namespace, place.name);
    },
    logger,
  );

type Reconcilers = Record<
  'namespaces' | 'deployments' | 'replicaSets' | 'pods' | 'quotas' | 'endpoints',
  Reconciler
>;

const react = (
  { type, resource, object }: ObjectChange,
  store: ObjectStore,
  ask: Reconcilers,
  claimsDir: string,
): void => {
  const namespace = object.metadata.namespace ?? '';
  if (type === 'DELETED') {
    collectGarbage(store, object);
    if (resource === persistentVolumeClaims) removeClaimFolder(claimsDir, object);
    if (resource === namespaces) removeNamespaceFolder(claimsDir, object);
    if (namespace && store.get(namespaces, undefined, namespace)?.metadata.deletionTimestamp)
      ask.namespaces.ask(`/${namespace}`);
  }
  if (resource === namespaces && object.metadata.deletionTimestamp) ask.namespaces.ask(keyOf(object));
  if (resource === deployments) ask.deployments.ask(keyOf(object));
  if (resource === replicaSets) {
    ask.replicaSets.ask(keyOf(object));
    askOwner(object, 'Deployment', ask.deployments);
  }
  if (resource === pods) {
    ask.pods.ask(keyOf(object));
    askOwner(object, 'ReplicaSet', ask.replicaSets);
    for (const set of store.list(replicaSets, namespace)) askOwner(set, 'Deployment', ask.deployments);
  }
  if (resource === pods || resource === persistentVolumeClaims || resource === resourceQuotas)
    ask.quotas.ask(`${namespace}/`);
  // A pod may be waiting for just this.
  if (type === 'ADDED' && awaited.has(resource))
    for (const pod of store.list(pods, namespace)) ask.pods.ask(keyOf(pod));
  if (resource === pods || resource === services) ask.endpoints.ask(`${namespace}/`);
  if (resource === persistentVolumeClaims && type === 'ADDED') tellOfClaim(store, object);
  if (resource === ingresses && type === 'ADDED') publishAddress(store, object);
};

const awaited: ReadonlySet<Resource> = new Set([secrets, configMaps, persistentVolumeClaims]);

const askOwner = ({ metadata }: KubeObject, kind: string, reconciler: Reconciler): void => {
  const owner = metadata.ownerReferences?.find((reference) => reference.kind === kind);
  if (owner) reconciler.ask(`${metadata.namespace ?? ''}/${owner.name}`);
};

const countQuotas = (store: ObjectStore, namespace: string): void => {
  for (const quota of store.list(resourceQuotas, namespace)) {
    const used = usedOf(store, quota);
    store.update(resourceQuotas, namespace, quota.metadata.name, (object) => {
      object['status'] = { hard: stringsAt(object, 'spec', 'hard'), used };
    });
  }
};

const publishAddress = (store: ObjectStore, { metadata }: KubeObject): void => {
  store.update(ingresses, metadata.namespace, metadata.name, (ingress) => {
    if (isJsonObject(ingress['spec']))
      ingress['status'] = { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } };
  });
};
