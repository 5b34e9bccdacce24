import { installationLabel, managedByLabel, managedByValue } from '@store-platform/shared/kube/cluster-watch';
import type { KubeObject } from '@store-platform/shared/kube/kube-object';
import type { Shop } from './shop.ts';

export const storeLabel = 'store-platform.dev/store';
export const generationLabel = 'store-platform.dev/generation';

/** On every object: whose it is, and of which store. The watch and rule 7 of the design read these. */
export const labelsOf = (shop: Shop): Record<string, string> => ({
  [managedByLabel]: managedByValue,
  [installationLabel]: shop.installationId,
  [storeLabel]: shop.storeId,
  [generationLabel]: String(shop.generation),
});

/** On what belongs to one part of a shop; `app` is the specification's own. */
export const partLabelsOf = (shop: Shop, app: 'mysql' | 'woocommerce'): Record<string, string> => ({
  ...labelsOf(shop),
  app,
  'app.kubernetes.io/name': app,
  'app.kubernetes.io/instance': shop.storeId,
  'app.kubernetes.io/part-of': 'store',
  'app.kubernetes.io/component': app === 'mysql' ? 'database' : 'shop',
});

/** Whether it belongs to that part of that generation: the watch may still hold objects of an older one. */
export const isPartOf = (
  { metadata: { labels = {} } }: KubeObject,
  { generation }: Pick<Shop, 'generation'>,
  app: string,
): boolean => labels['app'] === app && labels[generationLabel] === String(generation);
