import type { ObjectStore } from '../objects/object-store.ts';
import { namespaces } from '../objects/resources.ts';

export type DecidedRuntime = 'wordpress' | 'stand-in';

/** What was decided for a store, for as long as it lives. */
export interface RuntimeMemory {
  of(namespace: string): DecidedRuntime | undefined;
  remember(namespace: string, runtime: DecidedRuntime): void;
  /** Calls once, now or when it is decided. Ends with `signal`. */
  whenDecided(namespace: string, signal: AbortSignal, call: (runtime: DecidedRuntime) => void): void;
}

const annotation = 'store-platform.dev/runtime';

/** It stands on the store's namespace, where `kubectl` shows it, and goes with it. */
export const rememberOnNamespace = (objects: ObjectStore): RuntimeMemory => {
  const of = (namespace: string): DecidedRuntime | undefined => {
    const value = objects.get(namespaces, undefined, namespace)?.metadata.annotations?.[annotation];
    return value === 'wordpress' || value === 'stand-in' ? value : undefined;
  };
  return {
    of,
    remember: (namespace, runtime) => {
      objects.update(namespaces, undefined, namespace, ({ metadata }) => {
        metadata.annotations = { ...metadata.annotations, [annotation]: runtime };
      });
    },
    whenDecided: (namespace, signal, call) => {
      const decided = of(namespace);
      if (decided) return call(decided);
      const look = (): void => {
        const runtime = of(namespace);
        if (!runtime) return;
        end();
        call(runtime);
      };
      const unsubscribe = objects.subscribe(({ resource, object }) => {
        if (resource === namespaces && object.metadata.name === namespace) look();
      });
      const end = (): void => {
        unsubscribe();
        signal.removeEventListener('abort', end);
      };
      signal.addEventListener('abort', end);
    },
  };
};
