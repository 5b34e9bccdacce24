import type { Manifest } from '@store-platform/shared/kube/kube-object';
import { labelsOf } from './labels.ts';
import type { Shop } from './shop.ts';

/** The ingress controller may enter WordPress, WordPress may enter MySQL, and nobody else may enter anything. */
export const networkPoliciesOf = (shop: Shop): Manifest[] => [
  policy(shop, 'woocommerce', 80, {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': shop.ingressNamespace } },
  }),
  policy(shop, 'mysql', 3306, { podSelector: { matchLabels: { app: 'woocommerce' } } }),
];

const policy = (
  shop: Shop,
  app: 'mysql' | 'woocommerce',
  port: number,
  from: Record<string, unknown>,
): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: app, namespace: shop.namespace, labels: labelsOf(shop) },
  spec: {
    podSelector: { matchLabels: { app } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [from], ports: [{ protocol: 'TCP', port }] }],
  },
});
