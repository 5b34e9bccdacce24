import { z } from 'zod';
import { installationLabel } from '@store-platform/shared/kube/cluster-watch';
import type { KubeObject } from '@store-platform/shared/kube/kube-object';
import type { StageContext } from '../runner/stage.ts';
import { defineStage } from './define-stage.ts';

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

const askAgainMs = 10_000;

/** Another namespace of that name may be there meanwhile: what counts is the UID. Says what holds it up. */
export const awaitNamespaceGone = async (context: StageContext, uid: string): Promise<void> => {
  const { cluster, store, signal, note } = context;
  let told = '';
  for (;;) {
    const turn = AbortSignal.any([signal, AbortSignal.timeout(askAgainMs)]);
    const gone = await cluster.watch
      .until(
        () => (isThere(cluster.watch.find('Namespace', undefined, store.namespace), uid) ? undefined : true),
        turn,
      )
      .catch(() => false);
    signal.throwIfAborted();
    // The watch may not have seen the namespace at all: Kubernetes itself has the last word.
    const found = await cluster.get({ kind: 'Namespace', name: store.namespace }, signal);
    if (!isThere(found, uid)) return;
    const holdUp = found && whatHoldsUp(found);
    if (!gone && holdUp && holdUp !== told) await note(holdUp, 'warning');
    told = holdUp ?? told;
  }
};

const isThere = (found: KubeObject | undefined, uid: string): boolean => found?.metadata.uid === uid;

const Conditions = z.object({
  status: z
    .object({
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') }))
        .default([]),
    })
    .default({ conditions: [] }),
});

/** Kubernetes' own sentence, e.g. which finalizers are waited for. */
const whatHoldsUp = (namespace: KubeObject): string | undefined =>
  Conditions.parse(namespace)
    .status.conditions.filter(({ type, status }) => status === 'True' && /Remaining|Failure/.test(type))
    .map(({ message }) => message)
    .join(' ') || undefined;
