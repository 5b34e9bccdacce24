import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { until } from '@store-platform/shared/testing/until';
import {
  shopTiming,
  type ShopTiming,
} from '../services/cluster-emulator/src/pod-runtime/wordpress/open-shop.ts';
import { createWordPressRuntime } from '../services/cluster-emulator/src/pod-runtime/wordpress/wordpress-runtime.ts';
import { sampleProducts } from '../services/worker/src/wordpress/recipe.ts';
import type { ShopParts } from './describe-with-packages.ts';
import { acceptStore, awaitStatus, usePlatform } from './platform.ts';
import { hasTemplate, phpProcesses, wordpressClaim } from './shop-folders.ts';
import { visitShop } from './visit-shop.ts';

/** A first shop is unpacked, installed and verified; machines that do other things meanwhile take their time. */
export const patienceMs = 300_000;

/**
 * Platforms one after the other, on which the archives are unpacked and a first shop is installed once: what comes after
 * begins as a copy. Called where tests are described.
 */
export const shareShops = (parts: ShopParts) => {
  const shared = mkdtempSync(join(tmpdir(), 'store-platform-test-'));
  afterAll(() => rm(shared, { recursive: true, force: true }));

  return async (timing: Partial<ShopTiming> = {}) => {
    let folder = '';
    const platform = await usePlatform({
      readyAfterMs: 0,
      settings: parts.settings,
      runtime: (_objects, given) => {
        folder = given;
        return createWordPressRuntime({
          folder: shared,
          packagesOf: () => parts.packages,
          timing: { ...shopTiming, ...timing },
        });
      },
    });
    await platform.work();
    const open = async (name: string) => {
      const storeId = await acceptStore(platform.db, platform.emulator, name, parts.profile);
      const { url } = await awaitStatus(platform.db, storeId, 'ready', patienceMs);
      const claim = wordpressClaim(join(folder, 'cluster'), storeId);
      return { storeId, url, claim, visit: () => visitShop(url, platform.emulator.ingressPort) };
    };
    return {
      ...platform,
      open,
      /** The processes of PHP that run. */
      pids: () => phpProcesses(shared),
      /** Waits until the next shop begins as a copy. */
      template: () =>
        until('a finished shop lies ready', () => hasTemplate(shared), { timeoutMs: patienceMs }),
    };
  };
};

/** WooCommerce wraps the parts of a price. @param page `/shop/` */
export const expectProducts = (page: string): void => {
  const text = page.replaceAll(/<[^>]*>/g, '').replaceAll('&#36;', '$');
  for (const { name, price } of sampleProducts) {
    expect(text).toContain(name);
    expect(text).toContain(`$${price}`);
  }
};
