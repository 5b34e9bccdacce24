/** A Kubernetes object as it travels: JSON, already parsed. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  creationTimestamp: string;
  generation?: number;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
  finalizers?: string[];
  managedFields?: unknown[];
}

/** Names one kind of object by its plural and group, e.g. `{ group: 'apps', plural: 'deployments' }`; the core group is ''. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface ObjectChange {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: Resource;
  object: KubeObject;
}

/**
 * All objects, in memory, with a journal behind it. Synchronous, so that a controller's read and write are one step.
 * What goes in and what comes out are copies. Every refusal is thrown as a `KubeStatusError`.
 */
export interface ObjectStore {
  get(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined;
  list(resource: Resource, namespace?: string): KubeObject[];
  /** Gives uid, resourceVersion and creationTimestamp. */
  create(resource: Resource, object: KubeObject): KubeObject;
  /** Runs `change` on a copy and keeps what it leaves. Unchanged content keeps its resourceVersion and tells nobody. */
  update(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    change: (object: KubeObject) => void,
  ): KubeObject;
  /** Sets deletionTimestamp while finalizers remain, else removes. */
  remove(resource: Resource, namespace: string | undefined, name: string): void;
  /** @returns the function that ends the subscription. Listeners run after the change, in order, and only read. */
  subscribe(listener: (change: ObjectChange) => void): () => void;
}
