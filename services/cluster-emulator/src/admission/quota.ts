import { at, isJsonObject, objectsAt, stringAt, stringsAt, type JsonObject } from '../objects/json.ts';
import { forbidden } from '../objects/kube-status-error.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { limitRanges, persistentVolumeClaims, pods, resourceQuotas } from '../objects/resources.ts';
import { quantity, showQuantity } from './quantities.ts';

/** Where a container says what a quota counts, by the quota's own names; `cpu` and `memory` alone mean requests. */
const figures: Readonly<Record<string, readonly [which: string, resource: string]>> = {
  cpu: ['requests', 'cpu'],
  memory: ['requests', 'memory'],
  'requests.cpu': ['requests', 'cpu'],
  'requests.memory': ['requests', 'memory'],
  'limits.cpu': ['limits', 'cpu'],
  'limits.memory': ['limits', 'memory'],
};

/** What an object takes from a quota, by the quota's own names. */
const usageOf = (kind: string, object: JsonObject): Record<string, number> => {
  if (kind === 'PersistentVolumeClaim') {
    const storage = stringAt(object, 'spec', 'resources', 'requests', 'storage') ?? '0';
    return { persistentvolumeclaims: 1, 'requests.storage': quantity(storage) };
  }
  const totals = Object.entries(figures).map(([name, [which, resource]]): [string, number] => [
    name,
    podTotal(object, which, resource),
  ]);
  return { pods: 1, ...Object.fromEntries(totals) };
};

/** Containers run together, init containers one after the other. */
export const podTotal = (pod: JsonObject, which: string, resource: string): number => {
  const of = (container: JsonObject) => quantity(stringAt(container, 'resources', which, resource) ?? '0');
  const together = objectsAt(pod, 'spec', 'containers').reduce((sum, container) => sum + of(container), 0);
  return Math.max(together, ...objectsAt(pod, 'spec', 'initContainers').map(of));
};

/** What is used now of each thing that the quota counts. */
export const usedOf = (store: ObjectStore, quota: KubeObject): Record<string, string> => {
  const namespace = quota.metadata.namespace;
  const usages = [
    ...store
      .list(pods, namespace)
      .filter(isAlive)
      .map((pod) => usageOf('Pod', pod)),
    ...store.list(persistentVolumeClaims, namespace).map((claim) => usageOf('PersistentVolumeClaim', claim)),
  ];
  return Object.fromEntries(
    Object.keys(stringsAt(quota, 'spec', 'hard')).map((name) => [
      name,
      showQuantity(
        name,
        usages.reduce((sum, usage) => sum + (usage[name] ?? 0), 0),
      ),
    ]),
  );
};

const isAlive = (pod: KubeObject) =>
  !['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase') ?? '');

/** @throws KubeStatusError 403 in Kubernetes' own words when a quota of the namespace has no room for the object */
export const admitToQuota = (
  store: ObjectStore,
  kind: 'Pod' | 'PersistentVolumeClaim',
  object: KubeObject,
): void => {
  const { namespace, name } = object.metadata;
  const plural = kind === 'Pod' ? 'pods' : 'persistentvolumeclaims';
  for (const quota of store.list(resourceQuotas, namespace)) {
    const hard = stringsAt(quota, 'spec', 'hard');
    if (kind === 'Pod') demandFigures(object, quota, hard);
    const used = usedOf(store, quota);
    const over = Object.entries(usageOf(kind, object))
      .filter(
        ([what, asked]) =>
          what in hard && asked > 0 && quantity(used[what] ?? '0') + asked > quantity(hard[what] ?? '0'),
      )
      .toSorted(([a], [b]) => a.localeCompare(b));
    if (over.length === 0) continue;
    const list = (values: Readonly<Record<string, string>>) =>
      over.map(([what]) => `${what}=${values[what] ?? '0'}`).join(',');
    const asked = over.map(([what, value]) => `${what}=${showQuantity(what, value)}`).join(',');
    throw forbidden(
      plural,
      '',
      name,
      `exceeded quota: ${quota.metadata.name}, requested: ${asked}, used: ${list(used)}, limited: ${list(hard)}`,
    );
  }
};

/** With a quota on cpu or memory, every container must say how much of it it wants. */
const demandFigures = (pod: KubeObject, quota: KubeObject, hard: Readonly<Record<string, string>>): void => {
  const containers = [...objectsAt(pod, 'spec', 'containers'), ...objectsAt(pod, 'spec', 'initContainers')];
  const complaints = Object.keys(hard)
    .toSorted()
    .flatMap((name) => {
      const figure = figures[name];
      const silent = figure
        ? containers.filter((container) => !stringAt(container, 'resources', ...figure))
        : [];
      const names = silent.map((container) => String(container['name'])).toSorted();
      return names.length > 0 ? [`${name} for: ${names.join(',')}`] : [];
    });
  if (complaints.length === 0) return;
  const why = `failed quota: ${quota.metadata.name}: must specify ${complaints.join('; ')}`;
  throw forbidden('pods', '', pod.metadata.name, why);
};

/** What a namespace's limit range gives to containers that are silent. The pod is changed in place. */
export const applyLimitRange = (store: ObjectStore, pod: KubeObject): void => {
  for (const range of store.list(limitRanges, pod.metadata.namespace)) {
    for (const limit of objectsAt(range, 'spec', 'limits').filter(({ type }) => type === 'Container')) {
      for (const container of [
        ...objectsAt(pod, 'spec', 'containers'),
        ...objectsAt(pod, 'spec', 'initContainers'),
      ]) {
        const resources = at(container, 'resources');
        const given = isJsonObject(resources) ? resources : {};
        container['resources'] = {
          ...given,
          limits: { ...stringsAt(limit, 'default'), ...stringsAt(given, 'limits') },
          requests: { ...stringsAt(limit, 'defaultRequest'), ...stringsAt(given, 'requests') },
        };
      }
    }
  }
};
