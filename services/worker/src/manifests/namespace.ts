import type { Manifest } from '@store-platform/shared/kube/kube-object';
import { labelsOf } from './labels.ts';
import type { Shop } from './shop.ts';

export const namespaceOf = (shop: Shop): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: shop.namespace,
    labels: {
      ...labelsOf(shop),
      app: 'store-platform',
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/warn': 'restricted',
    },
  },
});

/** Room for both pods, the init containers beside them, and nothing more: one shop can't starve the others. */
export const resourceQuotaOf = (shop: Shop): Manifest => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'store-quota', namespace: shop.namespace, labels: labelsOf(shop) },
  spec: {
    hard: {
      'requests.cpu': '1',
      'requests.memory': '1Gi',
      'limits.cpu': '2',
      'limits.memory': '2Gi',
      'requests.storage': '20Gi',
      persistentvolumeclaims: '4',
      pods: '6',
    },
  },
});

/** What a container gets that says nothing of its own: with a quota, Kubernetes refuses one that has nothing. */
export const limitRangeOf = (shop: Shop): Manifest => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'store-limits', namespace: shop.namespace, labels: labelsOf(shop) },
  spec: {
    limits: [
      {
        type: 'Container',
        default: { cpu: '500m', memory: '512Mi' },
        defaultRequest: { cpu: '100m', memory: '128Mi' },
      },
    ],
  },
});
