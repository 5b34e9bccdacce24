import type { Manifest } from '@store-platform/shared/kube/kube-object';
import { partLabelsOf } from './labels.ts';
import type { Shop } from './shop.ts';

export const ingressOf = (shop: Shop): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'store', namespace: shop.namespace, labels: partLabelsOf(shop, 'woocommerce') },
  spec: {
    ingressClassName: shop.ingressClass,
    rules: [
      {
        host: new URL(shop.url).hostname,
        http: {
          paths: [
            {
              path: '/',
              pathType: 'Prefix',
              backend: { service: { name: 'woocommerce-service', port: { number: 80 } } },
            },
          ],
        },
      },
    ],
  },
});
