import { z } from 'zod';
import { installationLabel } from '@store-platform/shared/kube/cluster-watch';
import type { KubeObject } from '@store-platform/shared/kube/kube-object';
import type { StageContext } from '../runner/stage.ts';
import { defineStage } from './define-stage.ts';
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
  await cluster.delete(ref, found.metadata.uid, signal);
  await awaitNamespaceGone(context, found.metadata.uid);
  return note(`Namespace ${store.namespace} and everything in it are gone.`);
});

const askAgainMs = { seen: 10_000, unseen: 1_000 };

/** Another namespace of that name may be there meanwhile: what counts is the UID. Says what holds it up. */
export const awaitNamespaceGone = async (context: StageContext, uid: string): Promise<void> => {
  const { cluster, store, signal, note } = context;
  const isSeen = () => cluster.watch.find('Namespace', undefined, store.namespace)?.metadata.uid === uid;
  let told = '';
  for (let asked = 0; ; asked += 1) {
    if (isSeen()) await waitUntil(context, askAgainMs.seen, () => (isSeen() ? undefined : true));
    // Never seen by the watch, it will not be seen to go either.
    else if (asked > 0) await waitUntil(context, askAgainMs.unseen, () => undefined);
    // Kubernetes itself has the last word.
    const found = await cluster.get({ kind: 'Namespace', name: store.namespace }, signal);
    if (found?.metadata.uid !== uid) return;
    const holdUp = whatHoldsUp(found);
    if (holdUp && holdUp !== told) await note(holdUp, 'warning');
    told = holdUp ?? told;
  }
};

const Conditions = z.object({
  status: z
    .object({
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') }))
        .default([]),
    })
    .default({ conditions: [] }),
});

/** Kubernetes' own sentence, and the names of the finalizers that must be lifted by whoever set them. */
const whatHoldsUp = (namespace: KubeObject): string | undefined => {
  const sentences = Conditions.parse(namespace)
    .status.conditions.filter(({ type, status }) => status === 'True' && /Remaining|Failure/.test(type))
    .map(({ message }) => message);
  const finalizers = namespace.metadata.finalizers ?? [];
  if (finalizers.length > 0)
    sentences.push(`The namespace waits for its finalizers: ${finalizers.join(', ')}.`);
  return sentences.join(' ') || undefined;
};
