import type { Manifest } from '@store-platform/shared/kube/kube-object';
import { labelsOf } from './labels.ts';
import type { Shop } from './shop.ts';

export const registryCredentialsName = 'registry-credentials';

/** The login to a private registry, where there is one: Kubernetes takes it from a pod's own namespace only. */
export const registryCredentialsOf = (shop: Shop): Manifest[] =>
  shop.registryConfig === undefined
    ? []
    : [
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: registryCredentialsName, namespace: shop.namespace, labels: labelsOf(shop) },
          type: 'kubernetes.io/dockerconfigjson',
          data: { '.dockerconfigjson': Buffer.from(shop.registryConfig).toString('base64') },
        },
      ];
