import { lookup } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { IngressAddress } from '@store-platform/shared/config/worker-config';

export interface ShopAddress {
  readonly host: string;
  readonly port: number;
  /** How it was found, as people read it. */
  readonly how: string;
}

/** A machine without the internet may ask for names in vain for a long time. */
const lookupMs = 3_000;

/**
 * Where to visit a shop: at its own address, as its customers do; where that name leads nowhere from here, or an address
 * was chosen, at the ingress.
 * @param resolve as `lookup` of `node:dns/promises`
 */
export const findShopAddress = async (
  url: string,
  { host, port, isChosen }: IngressAddress,
  resolve: (name: string) => Promise<unknown> = lookup,
): Promise<ShopAddress> => {
  const shop = new URL(url);
  if (isChosen) return { host, port, how: `at ${host}:${port}` };
  if (await resolves(shop.hostname, resolve)) {
    return { host: shop.hostname, port: Number(shop.port) || 80, how: `at ${shop.host}` };
  }
  return { host, port, how: `at ${host}:${port}, because ${shop.hostname} can't be resolved from here` };
};

const resolves = (name: string, resolve: (name: string) => Promise<unknown>): Promise<boolean> => {
  const found = resolve(name).then(
    () => true,
    () => false,
  );
  return Promise.race([found, pause(lookupMs, false, { ref: false })]);
};
