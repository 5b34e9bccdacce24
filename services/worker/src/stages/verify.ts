import { setTimeout as pause } from 'node:timers/promises';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { sampleProducts } from '../wordpress/recipe.ts';
import { findShopAddress } from '../wordpress/shop-address.ts';
import { verifyShop } from '../wordpress/verify-shop.ts';
import { defineStage } from './define-stage.ts';

/** An ingress controller takes a moment to learn a new address: so long a shop that doesn't sell yet is no failure. */
const patienceMs = 25_000;
/** A normal start needs no warning; what lasts longer is told. */
const quietMs = 5_000;
const askAgainMs = 500;

export const verify = defineStage('verify', async ({ store, settings, signal, note }) => {
  const begin = performance.now();
  const { how, ...address } = await findShopAddress(store.url, settings.ingressAddress);
  const shop = {
    name: store.name,
    url: store.url,
    address,
    products: sampleProducts,
  };
  let told: string | undefined;
  for (;;) {
    try {
      await verifyShop(shop, signal);
      return await note(
        `Asked as a customer would, ${how}: name, products, cart and Cash on Delivery are right.`,
      );
    } catch (error) {
      signal.throwIfAborted();
      const waited = performance.now() - begin;
      if (!(error instanceof PlatformError) || waited > patienceMs) throw error;
      if (waited > quietMs && error.message !== told) {
        told = error.message;
        await note(`${told} ${error.hint}`, 'warning');
      }
      await pause(askAgainMs, undefined, { signal });
    }
  }
});
