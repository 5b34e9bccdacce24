/** The addresses of a shop, and the host by which the ingress knows it. */
export interface StoreAddress {
  readonly host: string;
  readonly url: string;
  readonly adminUrl: string;
}

/**
 * @param place.baseDomain e.g. `localhost` or `127.0.0.1.nip.io`
 * @param place.publicPort left out of the address when it is 80
 */
export const storeAddress = (
  storeId: string,
  { baseDomain, publicPort }: { baseDomain: string; publicPort: number },
): StoreAddress => {
  const host = `${storeId}.${baseDomain}`;
  const url = `http://${host}${publicPort === 80 ? '' : `:${publicPort}`}`;
  return { host, url, adminUrl: `${url}/wp-admin/` };
};
