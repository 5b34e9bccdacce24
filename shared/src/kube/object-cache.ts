import type { KubeObject } from './kube-object.ts';

/** What the watch last saw of one kind, found by namespace: a worker may know thousands of objects. */
export interface ObjectCache {
  find(namespace: string | undefined, name: string): KubeObject | undefined;
  list(namespace?: string): KubeObject[];
  /** @returns whether it was news; a repeated or late event never takes the cache back. */
  put(object: KubeObject): boolean;
  /** @returns whether that object, or an older state of it, was there. */
  remove(object: KubeObject): boolean;
  replaceAll(objects: readonly KubeObject[]): void;
}

/** The namespace that an object is about; for a namespace itself, its own name. */
export const placeOf = ({ metadata }: KubeObject): string => metadata.namespace ?? metadata.name;

export const createObjectCache = (): ObjectCache => {
  let places = new Map<string, Map<string, KubeObject>>();

  const set = (object: KubeObject) => {
    const place = placeOf(object);
    const objects = places.get(place) ?? new Map<string, KubeObject>();
    objects.set(object.metadata.name, slim(object));
    places.set(place, objects);
  };
  const find = (namespace: string | undefined, name: string) => places.get(namespace ?? name)?.get(name);

  return {
    find,
    list: (namespace) =>
      namespace === undefined
        ? [...places.values()].flatMap((objects) => [...objects.values()])
        : [...(places.get(namespace)?.values() ?? [])],
    put: (object) => {
      const known = find(object.metadata.namespace, object.metadata.name);
      if (known && !isNewer(object, known)) return false;
      set(object);
      return true;
    },
    remove: (object) => {
      const { namespace, name } = object.metadata;
      const known = find(namespace, name);
      if (!known || isNewer(known, object)) return false;
      const place = placeOf(object);
      const objects = places.get(place);
      objects?.delete(name);
      if (objects?.size === 0) places.delete(place);
      return true;
    },
    replaceAll: (objects) => {
      places = new Map();
      objects.forEach(set);
    },
  };
};

/** Versions of one kind count upwards (Kubernetes guarantees it since 1.35, and etcd always did). */
const isNewer = (one: KubeObject, other: KubeObject): boolean =>
  !(Number(one.metadata.resourceVersion) <= Number(other.metadata.resourceVersion));

/** Who wrote which field is half of an object's size, and nobody here reads it. */
const slim = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, managedFields: undefined },
});
