import type { Manifest } from '@store-platform/shared/kube/kube-object';
import { partLabelsOf } from './labels.ts';
import type { Shop } from './shop.ts';

const claim = (shop: Shop, app: 'mysql' | 'woocommerce', name: string, storage: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: shop.namespace, labels: partLabelsOf(shop, app) },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
});

export const claimsOf = (shop: Shop): Manifest[] => [
  claim(shop, 'mysql', 'mysql-data', '5Gi'),
  claim(shop, 'woocommerce', 'wordpress-data', '10Gi'),
];
