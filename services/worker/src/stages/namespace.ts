import { PlatformError } from '@store-platform/shared/contract/problem';
import { installationLabel } from '@store-platform/shared/kube/cluster-watch';
import type { KubeObject } from '@store-platform/shared/kube/kube-object';
import { credentialsOf } from '../manifests/credentials.ts';
import { generationLabel, storeLabel } from '../manifests/labels.ts';
import { limitRangeOf, namespaceOf, resourceQuotaOf } from '../manifests/namespace.ts';
import { networkPoliciesOf } from '../manifests/network-policies.ts';
import { registryCredentialsOf } from '../manifests/registry-credentials.ts';
import type { StageContext } from '../runner/stage.ts';
import { defineStage, shopOf } from './define-stage.ts';
import { awaitNamespaceGone } from './teardown.ts';

/** The only stage that creates namespaces (rule 4): whatever comes later fails in a namespace that is gone. */
export const namespace = defineStage('namespace', async (context) => {
  const { cluster, signal, note } = context;
  const shop = shopOf(context);
  const made = await ownNamespace(context);
  await context.recordNamespaceUid(made.metadata.uid);
  await cluster.apply(resourceQuotaOf(shop), signal);
  await cluster.apply(limitRangeOf(shop), signal);
  for (const policy of networkPoliciesOf(shop)) await cluster.apply(policy, signal);
  for (const login of registryCredentialsOf(shop)) await cluster.apply(login, signal);
  // Created once: an initialised volume holds these passwords, so a second attempt keeps the first one's.
  await cluster.create(credentialsOf(shop), signal);
  await note(`Namespace ${shop.namespace} is there, with quota, limits, network policy and credentials.`);
});

/** Ours of this generation is adopted, ours of an older one goes first, and one that isn't ours is never touched. */
const ownNamespace = async (context: StageContext): Promise<KubeObject> => {
  const { cluster, signal, note, store } = context;
  const manifest = namespaceOf(shopOf(context));
  const ref = { kind: 'Namespace', name: store.namespace } as const;
  for (;;) {
    const made = await cluster.create(manifest, signal);
    if (made !== 'exists') return made;
    const found = await cluster.get(ref, signal);
    if (!found) continue;
    refuseForeign(found, context);
    const current = found.metadata.labels?.[generationLabel] === String(store.generation);
    if (current && !found.metadata.deletionTimestamp) return found;
    await note('An older namespace of this store is still there; it goes first.', 'warning');
    await cluster.delete(ref, found.metadata.uid, signal);
    await awaitNamespaceGone(context, found.metadata.uid);
  }
};

const refuseForeign = ({ metadata }: KubeObject, { store, settings }: StageContext): void => {
  const ours =
    metadata.labels?.[installationLabel] === settings.installationId &&
    metadata.labels[storeLabel] === store.storeId;
  if (!ours) {
    throw new PlatformError(
      'namespace_foreign',
      `There is a namespace ${store.namespace} that is not this store's.`,
    );
  }
};
