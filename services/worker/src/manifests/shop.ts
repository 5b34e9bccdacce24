import type { Profile } from '@store-platform/shared/config/profiles';

/** What the manifests of one store are made from. */
export interface Shop {
  readonly storeId: string;
  readonly name: string;
  readonly namespace: string;
  readonly generation: number;
  /** The shop's public address, e.g. `http://store-ab12cd34.localhost:8080`. */
  readonly url: string;
  readonly installationId: string;
  readonly profile: Profile;
  readonly ingressClass: string;
  readonly ingressNamespace: string;
  /** The logins to private registries, as a Docker `config.json`; undefined where images need none. */
  readonly registryConfig: string | undefined;
}
