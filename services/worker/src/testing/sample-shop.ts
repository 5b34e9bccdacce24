import { profiles, type ProfileName } from '@store-platform/shared/config/profiles';
import type { Shop } from '../manifests/shop.ts';

/** A shop as `npm start` makes it, unless told otherwise. */
export const sampleShop = (changes: Partial<Shop> = {}, profile: ProfileName = 'spec'): Shop => ({
  storeId: 'store-ab12cd34',
  name: 'Tom & Ada’s "Shop" <b>$(HOME)</b> 😀',
  namespace: 'store-ab12cd34',
  generation: 1,
  url: 'http://store-ab12cd34.localhost:8080',
  installationId: '0f0e0d0c-0b0a-4908-8706-050403020100',
  profile: profiles[profile],
  ingressClass: 'nginx',
  ingressNamespace: 'ingress-nginx',
  registryConfig: undefined,
  ...changes,
});
