import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { processIdentity } from '@store-platform/shared/process/process-identity';
import { until } from '@store-platform/shared/testing/until';
import { createShopVisitor } from '../services/worker/src/wordpress/shop-visitor.ts';
import { describeWithPackages } from './describe-with-packages.ts';
import { dumpShop } from './dump-shop.ts';
import { expectProducts, patienceMs, shareShops } from './real-shops.ts';
import { phpProcesses, wordpressClaim } from './shop-folders.ts';
import {
  createStoreOver,
  followTo,
  startPlatform,
  usePlatformFolder,
  type Platform,
} from './start-platform.ts';
import { visitShop } from './visit-shop.ts';

/** Never ends by itself, and PHP can't be told to. */
const endlessLoop = '<?php for (;;);';
/** A shop's own code may lift PHP's limit. */
const memoryBomb =
  "<?php ini_set('memory_limit', '-1'); for ($held = [];;) $held[] = str_repeat('x', 1 << 20);";

const address = {
  first_name: 'Ann',
  last_name: 'Lee',
  address_1: '1 Road',
  city: 'Los Angeles',
  state: 'CA',
  postcode: '90001',
  country: 'US',
};
const Product = z.object({ id: z.number() });
const Products = z.tuple([Product], Product);
const Confirmed = z.object({ order_id: z.number(), status: z.literal('processing') });

/** Guests who buy by the Store API, as the checkout block does, one order after the other. */
const shopAt = (url: string, port: number, signal: AbortSignal) => {
  const enter = () => createShopVisitor({ url, address: { host: '127.0.0.1', port } }, signal);
  const api = '/wp-json/wc/store/v1';
  let answered = 0;
  const confirmed: number[] = [];
  const buy = async (): Promise<void> => {
    const visitor = enter();
    const [product] = Products.parse(JSON.parse((await visitor.get(`${api}/products`)).body));
    const { nonce } = await visitor.get(`${api}/cart`);
    await visitor.post(`${api}/cart/add-item`, { id: product.id, quantity: 1 }, nonce);
    answered += 1;
    const billing = { ...address, email: 'ann@example.com' };
    const order = { billing_address: billing, shipping_address: address, payment_method: 'cod' };
    const { status, body } = await visitor.post(`${api}/checkout`, order, nonce);
    answered += 1;
    if (status === 200) confirmed.push(Confirmed.parse(JSON.parse(body)).order_id);
  };
  const keepBuying = async (): Promise<void> => {
    while (!signal.aborted) await buy().catch(() => undefined);
  };
  return { confirmed, answered: () => answered, keepBuying };
};

await describeWithPackages('a real shop in trouble', 'spec', (parts) => {
  const useShops = shareShops(parts);

  it(
    'has every order that it confirmed while its processes were killed twenty times',
    async () => {
      const { open, pids, emulator } = await useShops();
      const shop = await open('Tea');
      const closing = new AbortController();
      const { confirmed, answered, keepBuying } = shopAt(shop.url, emulator.ingressPort, closing.signal);
      const guests = Promise.all([keepBuying(), keepBuying(), keepBuying()]);
      for (let kills = 0; kills < 20; kills += 1) {
        const before = { orders: confirmed.length, answers: answered() };
        // After another number of answers each time, so that orders are in different places when it happens.
        await until(
          'orders come in again',
          () => confirmed.length > before.orders && answered() > before.answers + (kills % 5),
          { timeoutMs: patienceMs },
        );
        for (const pid of pids()) process.kill(pid, 'SIGKILL');
      }
      closing.abort();
      await guests;
      const { integrity, tables } = await dumpShop(shop.claim);
      expect(integrity).toBe('ok');
      expect(confirmed.length).toBeGreaterThanOrEqual(20);
      const orders = new Map(
        [...(tables['wp_posts']?.rows ?? []), ...(tables['wp_wc_orders']?.rows ?? [])].map((row) => [
          Number(row['ID'] ?? row['id']),
          row['post_status'] === 'draft' ? undefined : (row['status'] ?? row['post_status']),
        ]),
      );
      const items = new Set(
        (tables['wp_woocommerce_order_items']?.rows ?? []).map(({ order_id }) => Number(order_id)),
      );
      expect(confirmed.filter((id) => orders.get(id) !== 'wc-processing' || !items.has(id))).toEqual([]);
      process.stdout.write(`${confirmed.length} orders were confirmed, and are there.\n`);
    },
    20 * patienceMs,
  );

  it(
    'answers again within seconds of an endless loop and a memory bomb; its neighbour answers all the time',
    async () => {
      const { open, pids } = await useShops({ longestRequestMs: 3000 });
      const [shop, neighbour] = [await open('Tea'), await open('Coffee')];
      await writeFile(join(shop.claim, 'loop.php'), endlessLoop);
      await writeFile(join(shop.claim, 'bomb.php'), memoryBomb);
      const over = new AbortController();
      const answers: number[] = [];
      const visiting = (async () => {
        while (!over.signal.aborted) answers.push((await neighbour.visit().get('/shop/')).status);
      })();

      // PHP may notice by itself that there is no more memory.
      for (const [attack, statuses] of [
        ['/loop.php', [502]],
        ['/bomb.php', [500, 502]],
      ] as const) {
        const attackers = [shop.visit().get(attack), shop.visit().get(attack)];
        const page = shop.visit().get('/shop/');
        for (const { status } of await Promise.all(attackers)) expect(statuses).toContain(status);
        expectProducts((await page).body);
      }
      over.abort();
      await visiting;
      expect(answers.length).toBeGreaterThan(0);
      expect(new Set(answers)).toEqual(new Set([200]));
      expect(pids().length).toBeLessThanOrEqual(4);
    },
    4 * patienceMs,
  );

  it(
    'leaves no process in an endless loop behind, neither after Ctrl-C nor after SIGKILL and a new start',
    async () => {
      const folder = await usePlatformFolder();
      const start = () =>
        startPlatform(folder, {
          ...parts.settings,
          STORE_RUNTIME: 'wordpress',
          STORE_PACKAGES: process.env['STORE_PACKAGES'] ?? '',
        });
      const first = await start();
      const storeId = await createStoreOver(first.api, 'Tea');
      const { url } = await followTo(first.api, storeId, 'ready', patienceMs);
      const claim = wordpressClaim(join(folder, 'cluster'), storeId);
      const mark = join(claim, 'looping');
      await writeFile(join(claim, 'loop.php'), `<?php touch(__DIR__ . '/looping'); ?>${endlessLoop}`);
      const visit = ({ ingressPort }: Platform) => visitShop(url, ingressPort);
      const isOpen = (platform: Platform) =>
        until(
          'the shop answers',
          async () =>
            (
              await visit(platform)
                .get('/shop/')
                .catch(() => undefined)
            )?.status === 200,
          { timeoutMs: patienceMs, everyMs: 200 },
        );
      /** @returns those of PHP that run, by what tells them from a later process of that number */
      const loopIn = async (platform: Platform) => {
        await isOpen(platform);
        await rm(mark, { force: true });
        const asked = visit(platform).get('/loop.php');
        asked.catch(() => undefined);
        await until('it loops', () => existsSync(mark), { timeoutMs: patienceMs });
        const pids = phpProcesses(join(folder, 'cluster/wordpress'));
        return new Map(pids.map((pid) => [pid, processIdentity(pid)]));
      };
      const alive = (processes: Awaited<ReturnType<typeof loopIn>>) =>
        [...processes].filter(([pid, identity]) => identity && processIdentity(pid) === identity);

      const looping = await loopIn(first);
      expect(alive(looping)).not.toEqual([]);
      expect(await first.interrupt()).toBe(0);
      expect(alive(looping)).toEqual([]);

      const second = await start();
      const left = await loopIn(second);
      await second.kill();
      expect(alive(left)).not.toEqual([]);

      const third = await start();
      expect(alive(left)).toEqual([]);
      await isOpen(third);
      expect(await third.interrupt()).toBe(0);
    },
    6 * patienceMs,
  );
});
