import { profiles } from '@store-platform/shared/config/profiles';
import type { IngressAddress } from '@store-platform/shared/config/worker-config';
import type { Cluster } from '@store-platform/shared/kube/cluster';
import type { Stage, StageContext, StageStore } from '../runner/stage.ts';
import { labelsOf } from '../manifests/labels.ts';
import { createFakeCluster } from './fake-cluster.ts';
import { sampleShop } from './sample-shop.ts';

export interface RunStageOptions {
  readonly cluster?: Cluster;
  readonly store?: Partial<StageStore>;
  readonly signal?: AbortSignal;
  readonly ingressAddress?: IngressAddress;
  readonly registryConfig?: string;
  readonly note?: StageContext['note'];
}

/** What a stage is given in its tests: the sample shop as a row, and a record of what it told. */
export const stageContext = (options: RunStageOptions = {}) => {
  const shop = sampleShop();
  const notes: string[] = [];
  const uids: string[] = [];
  const context: StageContext = {
    store: {
      storeId: shop.storeId,
      name: shop.name,
      namespace: shop.namespace,
      namespaceUid: null,
      generation: shop.generation,
      url: shop.url,
      ...options.store,
    },
    cluster: options.cluster ?? createFakeCluster().cluster,
    settings: {
      installationId: shop.installationId,
      profile: profiles.spec,
      ingressClass: shop.ingressClass,
      ingressNamespace: shop.ingressNamespace,
      ingressAddress: options.ingressAddress ?? { host: '127.0.0.1', port: 1, isChosen: true },
      registryConfig: options.registryConfig,
    },
    signal: options.signal ?? new AbortController().signal,
    note: options.note ?? (async (message, severity = 'info') => void notes.push(`${severity}: ${message}`)),
    recordNamespaceUid: async (uid) => void uids.push(uid),
  };
  return { context, notes, uids };
};

/** Runs a stage once. `done` settles as the stage does; `notes` grows meanwhile. */
export const runStage = (stage: Stage, options: RunStageOptions = {}) => {
  const { context, notes, uids } = stageContext(options);
  const done = stage.run(context);
  // Whoever awaits it hears of a failure; until then it must not end the test run.
  done.catch(() => undefined);
  return { done, notes, uids };
};

/** Labels of an object of the sample shop, of any generation. */
export const sampleLabels = (generation = 1): Record<string, string> => labelsOf(sampleShop({ generation }));
