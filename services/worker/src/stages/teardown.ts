import { PlatformError } from '@store-platform/shared/contract/problem';
import { installationLabel } from '@store-platform/shared/kube/cluster-watch';
import type { StageContext } from '../runner/stage.ts';
import { defineStage } from './define-stage.ts';
import { holdUpOf } from './hold-up-of.ts';
import { waitUntil } from './wait-until.ts';

/** Deletes the namespace, with everything in it, by its UID; then waits until that very namespace is gone. */
export const teardown = defineStage('teardown', async (context) => {
  const { cluster, store, settings, signal, note } = context;
  const ref = { kind: 'Namespace', name: store.namespace } as const;
  const found = await cluster.get(ref, signal);
  if (!found) return note('There is no namespace left.');
  const ours =
    found.metadata.uid === store.namespaceUid ||
    found.metadata.labels?.[installationLabel] === settings.installationId;
  if (!ours) return note(`The namespace ${store.namespace} is not ours; it is left alone.`, 'warning');
  if (!found.metadata.deletionTimestamp) await cluster.delete(ref, found.metadata.uid, signal);
  await awaitNamespaceGone(context, found.metadata.uid);
  return note(`Namespace ${store.namespace} and everything in it are gone.`);
});

const askAgainMs = { seen: 10_000, unseen: 1_000 };
/** Longer than a pod takes to leave. Whoever tries again later leaves his place to other stores meanwhile. */
const patienceMs = 60_000;

/**
 * Waits until that namespace is gone; another one of its name may be there meanwhile.
 * @throws PlatformError `namespace_terminating` with what holds it up: at the first look when somebody must act,
 * otherwise when it takes long.
 */
export const awaitNamespaceGone = async (context: StageContext, uid: string): Promise<void> => {
  const { cluster, store, signal } = context;
  const since = performance.now();
  const ref = { kind: 'Namespace', name: store.namespace } as const;
  const isSeen = () => cluster.watch.find('Namespace', undefined, store.namespace)?.metadata.uid === uid;
  for (let asked = 0; ; asked += 1) {
    if (isSeen()) await waitUntil(context, askAgainMs.seen, () => (isSeen() ? undefined : true));
    // Never seen by the watch, it will not be seen to go either.
    else if (asked > 0) await waitUntil(context, askAgainMs.unseen, () => undefined);
    // Kubernetes itself has the last word.
    const found = await cluster.get(ref, signal);
    if (found?.metadata.uid !== uid) return;
    // Whatever was answered, it was not taken away: one wrong answer must not be waited for.
    if (!found.metadata.deletionTimestamp) await cluster.delete(ref, uid, signal);
    const holdUp = holdUpOf(found);
    if (holdUp?.needsSomebody || performance.now() - since >= patienceMs) {
      throw new PlatformError(
        'namespace_terminating',
        `The namespace ${store.namespace} does not go. ${holdUp?.message ?? 'Kubernetes does not say why.'}`,
      );
    }
  }
};
