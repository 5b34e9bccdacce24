import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { copyJson } from './copy-json.ts';
import type { Entry, Journal } from './journal.ts';
import { alreadyExists, notFound } from './kube-status-error.ts';
import type { KubeObject, ObjectChange, ObjectStore, Resource } from './object-store.ts';
import { apiVersionOf, findResource } from './resources.ts';
import { createShelf, type Shelf } from './shelf.ts';

/** A change with its version, for watches that resume. */
export interface VersionedChange extends ObjectChange {
  readonly version: number;
  /** What was there before; undefined for what is new. */
  readonly previous: KubeObject | undefined;
}

export interface MemoryObjectStore extends ObjectStore {
  /** The newest version of all. */
  version(): number;
  /** What changed after a version; undefined when the memory doesn't reach back so far. To be read only. */
  changesAfter(version: number): VersionedChange[] | undefined;
  /** As `subscribe`, with what the objects were before. */
  follow(listener: (change: VersionedChange) => void): () => void;
  close(): void;
}

const rememberedChanges = 5000;
/** Lines beyond the objects themselves that the journal may hold before it is written anew. */
const superfluousLines = 10_000;
const keyOf = (namespace: string | undefined, name: string) => `${namespace ?? ''}/${name}`;
const shelfOf = ({ group, plural }: { group: string; plural: string }) => `${group}/${plural}`;

/**
 * Objects in memory, each change also in the journal. Versions go on rising over restarts. An object that lies here is
 * never altered, only replaced: shelves, remembered changes and listeners share it.
 */
export const createMemoryObjectStore = (journal: Journal): MemoryObjectStore => {
  const shelves = new Map<string, Shelf>();
  const listeners = new Set<(change: VersionedChange) => void>();
  const queue: VersionedChange[] = [];
  let remembered: VersionedChange[] = [];
  let version = replay(journal, shelves);
  let forgottenUpTo = version;
  let lines = 0;

  const shelf = (resource: { group: string; plural: string }) => {
    const name = shelfOf(resource);
    const found = shelves.get(name) ?? createShelf();
    shelves.set(name, found);
    return found;
  };

  /** Listeners see changes in their order, also when one of them makes another change. */
  const publish = (change: VersionedChange) => {
    remembered.push(change);
    if (remembered.length > 2 * rememberedChanges) {
      remembered = remembered.slice(-rememberedChanges);
      forgottenUpTo = (remembered[0]?.version ?? version) - 1;
    }
    queue.push(change);
    if (queue.length > 1) return;
    const failures: unknown[] = [];
    for (let next = queue[0]; next; next = queue[0]) {
      for (const listener of listeners) attempt(() => listener(next), failures);
      queue.shift();
    }
    if (failures.length > 0) throw failures[0];
  };

  const record = (entry: Entry) => {
    journal.append(entry);
    lines += 1;
    if (lines < superfluousLines || lines < 4 * countOf(shelves)) return;
    journal.compact(entriesOf(shelves, version));
    lines = 0;
  };

  const put = (type: 'ADDED' | 'MODIFIED', resource: Resource, object: KubeObject): KubeObject => {
    version += 1;
    object.metadata.resourceVersion = String(version);
    const { namespace, name } = object.metadata;
    const previous = shelf(resource).get(namespace, name);
    const kept = copyJson(object);
    shelf(resource).put(kept);
    record({ op: 'put', group: resource.group, plural: resource.plural, object: kept });
    publish({ type, resource, object: kept, previous, version });
    return object;
  };

  const take = (resource: Resource, object: KubeObject) => {
    version += 1;
    const { namespace, name } = object.metadata;
    const previous = shelf(resource).get(namespace, name);
    shelf(resource).take(namespace, name);
    record({
      op: 'remove',
      group: resource.group,
      plural: resource.plural,
      key: keyOf(namespace, name),
      version,
    });
    const last = copyJson(object);
    last.metadata.resourceVersion = String(version);
    publish({ type: 'DELETED', resource, object: last, previous, version });
  };

  const demand = (resource: Resource, namespace: string | undefined, name: string): KubeObject => {
    const found = shelf(resource).get(namespace, name);
    if (!found) throw notFound(resource.plural, resource.group, name);
    return found;
  };

  const follow = (listener: (change: VersionedChange) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  return {
    get: (resource, namespace, name) => copyJson(shelf(resource).get(namespace, name)),
    list: (resource, namespace) =>
      shelf(resource)
        .list(namespace)
        .map((object) => copyJson(object)),
    create: (resource, given) => {
      const { namespace, name } = given.metadata;
      if (shelf(resource).get(namespace, name)) throw alreadyExists(resource.plural, resource.group, name);
      const { apiVersion: _a, kind: _k, metadata, ...rest } = copyJson(given);
      const made: KubeObject = {
        apiVersion: apiVersionOf(resource),
        kind: resource.kind,
        metadata: {
          ...metadata,
          uid: randomUUID(),
          creationTimestamp: now(),
          ...(rest['spec'] !== undefined && { generation: 1 }),
        },
        ...rest,
      };
      return put('ADDED', resource, made);
    },
    update: (resource, namespace, name, change) => {
      const before = demand(resource, namespace, name);
      const after = copyJson(before);
      change(after);
      if (isDeepStrictEqual(before, after)) return after;
      if (!isDeepStrictEqual(before['spec'], after['spec'])) {
        after.metadata.generation = (before.metadata.generation ?? 0) + 1;
      }
      if (isFreed(after)) {
        take(resource, after);
        return after;
      }
      return put('MODIFIED', resource, after);
    },
    remove: (resource, namespace, name) => {
      const object = demand(resource, namespace, name);
      if (!hasFinalizers(object)) return take(resource, object);
      if (object.metadata.deletionTimestamp) return;
      const leaving = copyJson(object);
      leaving.metadata.deletionTimestamp = now();
      put('MODIFIED', resource, leaving);
    },
    subscribe: follow,
    follow,
    version: () => version,
    changesAfter: (from) =>
      from < forgottenUpTo || from > version
        ? undefined
        : remembered.filter((change) => change.version > from),
    close: () => journal.close(),
  };
};

/** One listener's failure must not keep the others, and all later changes, waiting for ever. */
const attempt = (run: () => void, failures: unknown[]): void => {
  try {
    run();
  } catch (error) {
    failures.push(error);
  }
};

/** Seconds, as Kubernetes writes times. */
const now = () => new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');

const hasFinalizers = ({ metadata, spec }: KubeObject): boolean =>
  (metadata.finalizers?.length ?? 0) > 0 || namespaceFinalizers(spec) > 0;

const namespaceFinalizers = (spec: unknown): number =>
  typeof spec === 'object' && spec !== null && 'finalizers' in spec && Array.isArray(spec.finalizers)
    ? spec.finalizers.length
    : 0;

/** It was to go, and nobody holds it any more. */
const isFreed = (object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined && !hasFinalizers(object) && object.kind !== 'Pod';

/** @returns the newest version that the journal knows. */
const replay = (journal: Journal, shelves: Map<string, Shelf>): number => {
  let version = 0;
  for (const entry of journal.read()) {
    if (!findResource(entry.group, entry.plural)) continue;
    const name = shelfOf(entry);
    const shelf = shelves.get(name) ?? createShelf();
    shelves.set(name, shelf);
    if (entry.op === 'remove') {
      const at = entry.key.indexOf('/');
      shelf.take(entry.key.slice(0, at), entry.key.slice(at + 1));
      version = Math.max(version, entry.version);
    } else {
      shelf.put(entry.object);
      version = Math.max(version, Number(entry.object.metadata.resourceVersion));
    }
  }
  journal.compact(entriesOf(shelves, version));
  return version;
};

const countOf = (shelves: ReadonlyMap<string, Shelf>): number =>
  [...shelves.values()].reduce((sum, shelf) => sum + shelf.size(), 0);

/** The last entry keeps the version, which removed objects may have raised. */
const entriesOf = (shelves: ReadonlyMap<string, Shelf>, version: number): Entry[] => [
  ...[...shelves].flatMap(([name, shelf]) => {
    const [group = '', plural = ''] = name.split('/');
    return shelf.list().map((object): Entry => ({ op: 'put', group, plural, object }));
  }),
  { op: 'remove', group: '', plural: 'namespaces', key: '', version },
];
