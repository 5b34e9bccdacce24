import { isDeepStrictEqual } from 'node:util';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { Cluster } from '@store-platform/shared/kube/cluster';
import {
  parseKubeObject,
  type KubeObject,
  type Manifest,
  type ObjectRef,
} from '@store-platform/shared/kube/kube-object';
import { createWaiters } from '@store-platform/shared/kube/waiters';

export interface FakeCluster {
  readonly cluster: Cluster;
  /** What was written, in order, e.g. `apply Service mysql-service`. */
  readonly calls: string[];
  find(kind: string, name: string): KubeObject | undefined;
  /** Every object with its version: two of these are equal when nothing was changed in between. */
  versions(): Record<string, string>;
  /** As a controller would: lays `fields` over an object, which is made when it isn't there, and tells the watch. */
  set(ref: ObjectRef, fields?: Readonly<Record<string, unknown>>): KubeObject;
  remove(kind: string, name: string): void;
  /** From now on the watch hears of nothing, until it catches up. */
  holdWatch(): void;
  catchUp(): void;
}

export interface FakeClusterOptions {
  readonly exec?: Cluster['exec'];
  readonly logs?: Cluster['logs'];
  /** What Kubernetes says when it is asked; unset, nothing. */
  readonly events?: Cluster['events'];
  /** A namespace that is deleted stays, on its way out, until the test removes it. */
  readonly namespacesLinger?: boolean;
}

const refuse = (): never => {
  throw new Error('This test does not use that');
};

const keyOf = (kind: string, name: string) => `${kind} ${name}`;

/** Kubernetes' part as the stages rely on it: objects by name, server-side apply, deletion by UID, one watch. */
export const createFakeCluster = (options: FakeClusterOptions = {}): FakeCluster => {
  const objects = new Map<string, KubeObject>();
  const waiters = createWaiters();
  const calls: string[] = [];
  let held: Map<string, KubeObject> | undefined;
  let count = 0;

  const store = (kind: string, object: KubeObject) => {
    count += 1;
    const kept = parseKubeObject({
      ...object,
      kind,
      metadata: { ...object.metadata, resourceVersion: String(count) },
    });
    objects.set(keyOf(kind, object.metadata.name), kept);
    if (!held) waiters.wakeAll();
    return kept;
  };
  const remove = (kind: string, name: string) => {
    objects.delete(keyOf(kind, name));
    if (kind === 'Namespace') objects.clear();
    if (!held) waiters.wakeAll();
  };
  const born = (fields: object, metadata: object) => {
    count += 1;
    return parseKubeObject({
      ...fields,
      metadata: { ...metadata, uid: `uid-${count}`, resourceVersion: '', generation: 1 },
    });
  };
  const needNamespace = ({ metadata: { namespace } }: Manifest) => {
    if (namespace === undefined || objects.has(keyOf('Namespace', namespace))) return;
    throw new PlatformError('cluster_rejected', `namespaces "${namespace}" not found`);
  };

  const write = (manifest: Manifest): KubeObject => {
    const known = objects.get(keyOf(manifest.kind, manifest.metadata.name));
    if (!known) return store(manifest.kind, born(manifest, manifest.metadata));
    if (isAsApplied(known, manifest)) return known;
    const metadata = {
      ...known.metadata,
      ...manifest.metadata,
      generation: (known.metadata.generation ?? 0) + 1,
    };
    return store(manifest.kind, parseKubeObject({ ...known, ...manifest, metadata }));
  };

  const cluster: Cluster = {
    callTimeoutMs: 5000,
    apply: async (manifest, signal) => {
      signal?.throwIfAborted();
      calls.push(`apply ${keyOf(manifest.kind, manifest.metadata.name)}`);
      needNamespace(manifest);
      return write(manifest);
    },
    create: async (manifest, signal) => {
      signal?.throwIfAborted();
      calls.push(`create ${keyOf(manifest.kind, manifest.metadata.name)}`);
      needNamespace(manifest);
      return objects.has(keyOf(manifest.kind, manifest.metadata.name)) ? 'exists' : write(manifest);
    },
    get: async ({ kind, name }, signal) => {
      signal?.throwIfAborted();
      return objects.get(keyOf(kind, name));
    },
    delete: async (ref, uid, signal) => {
      signal?.throwIfAborted();
      calls.push(`delete ${keyOf(ref.kind, ref.name)} ${uid}`);
      const known = objects.get(keyOf(ref.kind, ref.name));
      if (known?.metadata.uid !== uid) return;
      if (!options.namespacesLinger) return remove(ref.kind, ref.name);
      const metadata = { ...known.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
      store(ref.kind, parseKubeObject({ ...known, metadata }));
    },
    exec: (request) => {
      calls.push(`exec ${request.pod}`);
      return options.exec ? options.exec(request) : refuse();
    },
    logs: options.logs ?? refuse,
    events: async (namespace, signal) => {
      calls.push('list Event');
      return options.events ? options.events(namespace, signal) : [];
    },
    watch: {
      start: refuse,
      stop: refuse,
      isFresh: () => held === undefined,
      find: (kind, _namespace, name) => (held ?? objects).get(keyOf(kind, name)),
      list: (kind) =>
        [...(held ?? objects)].filter(([key]) => key.startsWith(`${kind} `)).map(([, object]) => object),
      until: waiters.until,
    },
  };

  return {
    cluster,
    calls,
    find: (kind, name) => objects.get(keyOf(kind, name)),
    versions: () =>
      Object.fromEntries([...objects].map(([key, { metadata }]) => [key, metadata.resourceVersion])),
    set: ({ kind, name, namespace }, fields = {}) => {
      const known = objects.get(keyOf(kind, name)) ?? born({}, { name, namespace });
      const { metadata = {}, ...rest } = fields;
      return store(
        kind,
        parseKubeObject({ ...known, ...rest, metadata: Object.assign({}, known.metadata, metadata) }),
      );
    },
    remove,
    holdWatch: () => {
      held = new Map(objects);
    },
    catchUp: () => {
      held = undefined;
      waiters.wakeAll();
    },
  };
};

/** Whether a manifest asks for nothing that the object hasn't already. */
const isAsApplied = (known: KubeObject, manifest: Manifest): boolean =>
  Object.entries(manifest).every(([field, value]) =>
    field === 'metadata'
      ? isDeepStrictEqual(known.metadata.labels, manifest.metadata.labels)
      : isDeepStrictEqual(known[field], value),
  );
