import { isDeepStrictEqual } from 'node:util';
import type { MemoryObjectStore } from '../../services/cluster-emulator/src/objects/memory-object-store.ts';
import {
  knownResources,
  namespaces,
  secrets,
} from '../../services/cluster-emulator/src/objects/resources.ts';

/** What happened in the cluster that its present state doesn't tell. */
export interface ClusterWitness {
  /** What was done a second time within one life of a store's namespace: made again, or its passwords re-rolled. */
  doubled(namespace: string): string[];
  /** How many namespaces of this name there have been. */
  lives(namespace: string): number;
  stop(): void;
}

/** What the controllers make on their own, as often as it takes. */
const madeByControllers: ReadonlySet<string> = new Set([
  'pods',
  'replicasets',
  'endpoints',
  'endpointslices',
  'events',
]);

interface Life {
  readonly made: Map<string, number>;
  rerolled: number;
}

/** Follows every change from now on. */
export const witnessCluster = (store: MemoryObjectStore): ClusterWitness => {
  const lives = new Map<string, Life[]>();
  const lifeOf = (namespace: string): Life | undefined => lives.get(namespace)?.at(-1);

  const stop = store.follow(({ type, resource, object, previous }) => {
    const { namespace, name } = object.metadata;
    if (resource === namespaces && type === 'ADDED')
      lives.set(name, [...(lives.get(name) ?? []), { made: new Map(), rerolled: 0 }]);
    const life = namespace === undefined ? undefined : lifeOf(namespace);
    if (!life || madeByControllers.has(resource.plural)) return;
    const key = `${object.kind} ${name}`;
    if (type === 'ADDED') life.made.set(key, (life.made.get(key) ?? 0) + 1);
    if (type === 'MODIFIED' && resource === secrets && !isDeepStrictEqual(previous?.['data'], object['data']))
      life.rerolled += 1;
  });

  return {
    doubled: (namespace) =>
      (lives.get(namespace) ?? []).flatMap(({ made, rerolled }) => [
        ...[...made].filter(([, times]) => times > 1).map(([key, times]) => `${key} was made ${times} times`),
        ...(rerolled > 0 ? [`its passwords were changed ${rerolled} times`] : []),
      ]),
    lives: (namespace) => lives.get(namespace)?.length ?? 0,
    stop,
  };
};

/** Everything of a namespace that is there now, itself included. */
export const objectsOf = (store: MemoryObjectStore, namespace: string) =>
  [
    ...knownResources
      .filter(({ namespaced }) => namespaced)
      .flatMap((resource) => store.list(resource, namespace)),
    store.get(namespaces, undefined, namespace),
  ].filter((object) => object !== undefined);
