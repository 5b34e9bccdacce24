import { PlatformError } from '@store-platform/shared/contract/problem';
import type { StageContext } from '../runner/stage.ts';

/**
 * A namespace that somebody deletes takes along what a stage waits for, and only a retry of the store makes a new one.
 * @returns a look at it by the watch, which may not have seen it yet.
 * @throws PlatformError `cluster_rejected` once it goes or is gone
 */
export const guardNamespace = ({ cluster, store }: StageContext): (() => void) => {
  let wasSeen = false;
  return () => {
    const found = cluster.watch.find('Namespace', undefined, store.namespace);
    const isOurs = found?.metadata.uid === store.namespaceUid;
    const isGone = isOurs ? found?.metadata.deletionTimestamp !== undefined : wasSeen;
    if (isGone) {
      throw new PlatformError('cluster_rejected', `Someone deleted the namespace ${store.namespace}.`, {
        hint: 'Retry the store: it gets a new one.',
      });
    }
    wasSeen ||= isOurs;
  };
};
