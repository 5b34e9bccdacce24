import type { KubeObject } from './object-store.ts';

/** All objects of one kind. */
export interface Shelf {
  get(namespace: string | undefined, name: string): KubeObject | undefined;
  put(object: KubeObject): void;
  take(namespace: string | undefined, name: string): void;
  /** Oldest first. The objects themselves, no copies. */
  list(namespace?: string): KubeObject[];
  size(): number;
}

/** By namespace, because nearly every question is about one, and a thousand shops lie beside it. */
export const createShelf = (): Shelf => {
  const byNamespace = new Map<string, Map<string, KubeObject>>();
  let size = 0;
  return {
    size: () => size,
    get: (namespace = '', name) => byNamespace.get(namespace)?.get(name),
    put: (object) => {
      const { namespace = '', name } = object.metadata;
      const inside = byNamespace.get(namespace) ?? new Map<string, KubeObject>();
      byNamespace.set(namespace, inside);
      if (!inside.has(name)) size += 1;
      inside.set(name, object);
    },
    take: (namespace = '', name) => {
      const inside = byNamespace.get(namespace);
      if (inside?.delete(name)) size -= 1;
      if (inside?.size === 0) byNamespace.delete(namespace);
    },
    list: (namespace) =>
      namespace === undefined
        ? [...byNamespace.values()].flatMap((inside) => [...inside.values()])
        : [...(byNamespace.get(namespace)?.values() ?? [])],
  };
};
