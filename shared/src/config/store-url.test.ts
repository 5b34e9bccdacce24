import { expect, it } from 'vitest';
import { storeAddress } from './store-url.ts';

it.each([
  [{ baseDomain: 'localhost', publicPort: 8080 }, 'http://store-aaaaaaaa.localhost:8080'],
  [{ baseDomain: '127.0.0.1.nip.io', publicPort: 80 }, 'http://store-aaaaaaaa.127.0.0.1.nip.io'],
])('a shop behind %j is at %s, and its admin below it', (place, url) => {
  const address = storeAddress('store-aaaaaaaa', place);
  expect(address).toEqual({ host: `store-aaaaaaaa.${place.baseDomain}`, url, adminUrl: `${url}/wp-admin/` });
});
