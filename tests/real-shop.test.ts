import { expect, it } from 'vitest';
import { findStore } from '@store-platform/shared/db/stores';
import { describeWithPackages } from '@store-platform/shared/testing/describe-with-packages';
import { createWordPressRuntime } from '../services/cluster-emulator/src/pod-runtime/wordpress/wordpress-runtime.ts';
import { expectToSell } from './expect-to-sell.ts';
import { acceptStore, awaitStatus, usePlatform } from './platform.ts';
import { visitShop } from './visit-shop.ts';

describeWithPackages('a real shop on Node alone', 'spec', (packages) => {
  it('becomes ready by the recipe of a real cluster, and sells', async () => {
    const { db, emulator, work } = await usePlatform({
      readyAfterMs: 0,
      runtimeIn: (folder) =>
        createWordPressRuntime({ folder: `${folder}/wordpress`, packages: async () => packages }),
    });
    await work();
    const storeId = await acceptStore(db, emulator, "Ann's Tea & Co");
    const { url } = await awaitStatus(db, storeId, 'ready', 240_000).finally(async () =>
      console.log(
        (await findStore(db, storeId))?.events.map((e) => `${e.createdAt} ${e.message}`).join('\n'),
      ),
    );
    const shop = await visitShop(url, emulator.ingressPort).get('/shop/');
    expectToSell(shop.body);
    console.log((await findStore(db, storeId))?.events.map((e) => `${e.createdAt} ${e.message}`).join('\n'));
  }, 300_000);
});
