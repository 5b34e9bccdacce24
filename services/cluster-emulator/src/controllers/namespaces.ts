import { isJsonObject } from '../objects/json.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { knownResources, namespaces, pods } from '../objects/resources.ts';

const contents = knownResources.filter(({ namespaced }) => namespaced);

/** Empties a namespace that is to go, and lets it go when it is empty. What holds it up stands in its conditions. */
export const emptyNamespace = (store: ObjectStore, name: string): void => {
  const namespace = store.get(namespaces, undefined, name);
  if (!namespace?.metadata.deletionTimestamp) return;
  for (const resource of contents) {
    for (const object of store.list(resource, name)) {
      if (object.metadata.deletionTimestamp) continue;
      if (resource === pods) store.update(pods, name, object.metadata.name, leaveNow);
      else store.remove(resource, name, object.metadata.name);
    }
  }
  const left = contents
    .map((resource) => ({ resource, objects: store.list(resource, name) }))
    .filter(({ objects }) => objects.length > 0);
  store.update(namespaces, undefined, name, (object) => {
    if (left.length === 0) object['spec'] = { finalizers: [] };
    else object['status'] = { phase: 'Terminating', conditions: conditionsOf(left) };
  });
};

interface Left {
  readonly resource: { readonly plural: string; readonly group: string };
  readonly objects: readonly KubeObject[];
}

const leaveNow = (pod: KubeObject): void => {
  pod.metadata.deletionTimestamp ??= new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
};

/** In the words of Kubernetes' own controller, which tells numbers and no names. */
const conditionsOf = (left: readonly Left[]) => {
  const kinds = left.map(({ resource: { plural, group }, objects }) =>
    told(`${plural}.${group} has`, objects.length),
  );
  const all = left.flatMap(({ objects }) => objects.flatMap(({ metadata }) => metadata.finalizers ?? []));
  const held = [...new Set(all)].map((finalizer) =>
    told(`${finalizer} in`, all.filter((each) => each === finalizer).length),
  );
  return [
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${kinds.join(', ')}`,
    },
    ...(held.length > 0
      ? [
          {
            type: 'NamespaceFinalizersRemaining',
            status: 'True',
            reason: 'SomeFinalizersRemain',
            message: `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
          },
        ]
      : []),
  ];
};

const told = (what: string, count: number): string => `${what} ${count} resource instances`;

/** Removes what belonged to an object that is gone. Nothing here belongs to an object outside of namespaces. */
export const collectGarbage = (store: ObjectStore, gone: KubeObject): void => {
  if (gone.metadata.namespace === undefined) return;
  for (const resource of contents) {
    for (const object of store.list(resource, gone.metadata.namespace)) {
      if (!object.metadata.ownerReferences?.some(({ uid }) => uid === gone.metadata.uid)) continue;
      if (resource === pods && isJsonObject(object['spec'])) {
        if (!object.metadata.deletionTimestamp)
          store.update(pods, object.metadata.namespace, object.metadata.name, leaveNow);
      } else store.remove(resource, object.metadata.namespace, object.metadata.name);
    }
  }
};
