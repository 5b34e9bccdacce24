import { isJsonObject, type JsonObject } from '../objects/json.ts';

/**
 * Lists that Kubernetes merges item by item, with the fields that name an item; all other lists are replaced whole.
 * Source: the `x-kubernetes-list-map-keys` of its OpenAPI document, for the kinds that this cluster knows.
 */
const namedLists: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  volumeMounts: ['mountPath'],
  hostAliases: ['ip'],
  conditions: ['type'],
  ownerReferences: ['uid'],
};

/** @returns the naming fields of a list's items; undefined for a list that is replaced whole. */
export const listKeys = (field: string, items: readonly unknown[]): readonly string[] | undefined => {
  const [first] = items;
  if (!isJsonObject(first)) return undefined;
  if (field !== 'ports') return namedLists[field];
  if ('containerPort' in first) return ['containerPort', 'protocol'];
  return 'targetPort' in first ? ['port', 'protocol'] : undefined;
};

const defaults: JsonObject = { protocol: 'TCP' };

/** What names an item, as Kubernetes writes it after `k:`. */
export const itemKey = (item: JsonObject, keys: readonly string[]): string =>
  JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key] ?? defaults[key]])));
