import { setTimeout as pause } from 'node:timers/promises';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { sampleProducts } from '../wordpress/recipe.ts';
import { verifyShop } from '../wordpress/verify-shop.ts';
import { defineStage } from './define-stage.ts';

/** An ingress controller takes a moment to learn a new address: so long a shop that doesn't sell yet is no failure. */
const patienceMs = 30_000;
const askAgainMs = 500;

export const verify = defineStage('verify', async ({ store, settings, signal, note }) => {
  const shop = {
    name: store.name,
    url: store.url,
    address: settings.ingressAddress,
    products: sampleProducts,
  };
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      await verifyShop(shop, signal);
      return await note('Asked as a customer would: name, products, cart and Cash on Delivery are right.');
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PlatformError) || performance.now() > end) throw error;
      await pause(askAgainMs, undefined, { signal });
    }
  }
});
