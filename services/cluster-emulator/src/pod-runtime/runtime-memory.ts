import type { ObjectStore } from '../objects/object-store.ts';
import { namespaces } from '../objects/resources.ts';

export type DecidedRuntime = 'wordpress' | 'stand-in';

/** What was decided for a store, for as long as it lives. */
export interface RuntimeMemory {
  of(namespace: string): DecidedRuntime | undefined;
  remember(namespace: string, runtime: DecidedRuntime): void;
}

const annotation = 'store-platform.dev/runtime';

/** It stands on the store's namespace, where `kubectl` shows it, and goes with it. */
export const rememberOnNamespace = (objects: ObjectStore): RuntimeMemory => ({
  of: (namespace) => {
    const value = objects.get(namespaces, undefined, namespace)?.metadata.annotations?.[annotation];
    return value === 'wordpress' || value === 'stand-in' ? value : undefined;
  },
  remember: (namespace, runtime) => {
    objects.update(namespaces, undefined, namespace, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [annotation]: runtime };
    });
  },
});
