import { forbidden, notFound } from '../objects/kube-status-error.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { namespaces, storageClasses, type KnownResource } from '../objects/resources.ts';
import { isJsonObject, stringAt } from '../objects/json.ts';
import { fillDefaults } from './defaults.ts';
import { admitToQuota, applyLimitRange } from './quota.ts';

/**
 * Every object that is made passes here, whoever makes it: namespaces, defaults, limit ranges, quotas.
 * @throws KubeStatusError as Kubernetes says it
 */
export const admit = (store: ObjectStore, resource: KnownResource, object: KubeObject): void => {
  const { name, namespace } = object.metadata;
  if (resource.namespaced) demandNamespace(store, resource, namespace ?? '', name);
  // How things are is not for manifests to say.
  delete object['status'];
  fillDefaults(resource.kind, object);
  if (resource.kind === 'PersistentVolumeClaim') chooseClass(store, object);
  if (resource.kind === 'Pod') {
    applyLimitRange(store, object);
    admitToQuota(store, 'Pod', object);
  }
  if (resource.kind === 'PersistentVolumeClaim') admitToQuota(store, 'PersistentVolumeClaim', object);
};

const demandNamespace = (
  store: ObjectStore,
  { plural, group }: KnownResource,
  namespace: string,
  name: string,
): void => {
  const found = store.get(namespaces, undefined, namespace);
  if (!found) throw notFound('namespaces', '', namespace);
  if (!found.metadata.deletionTimestamp) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(plural, group, name, why, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
};

/** The cluster's default class, if it has one. */
const chooseClass = (store: ObjectStore, { spec }: KubeObject): void => {
  if (!isJsonObject(spec) || spec['storageClassName'] !== undefined) return;
  const chosen = store.list(storageClasses).find(isDefaultClass);
  if (chosen) spec['storageClassName'] = chosen.metadata.name;
};

const isDefaultClass = (object: KubeObject): boolean =>
  stringAt(object, 'metadata', 'annotations', 'storageclass.kubernetes.io/is-default-class') === 'true';
