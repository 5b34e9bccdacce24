import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { profileNames } from '@store-platform/shared/config/profiles';
import { adminLogin } from '@store-platform/shared/contract/admin-login';
import { secrets } from '../services/cluster-emulator/src/objects/resources.ts';
import { stringsAt } from '../services/cluster-emulator/src/objects/json.ts';
import { filesOf, linesOf } from './compare-shops.ts';
import { describeWithPackages } from './describe-with-packages.ts';
import { dumpShop, type Dump } from './dump-shop.ts';
import { expectProducts, patienceMs, shareShops } from './real-shops.ts';

/** Known to everybody where shops can be reached from this machine alone. */
const known = new Set(['admin-password']);

const valueIn = ({ tables }: Dump, option: string): string =>
  String(tables['wp_options']?.rows.find(({ option_name }) => option_name === option)?.['option_value']);

const passwordIn = ({ tables }: Dump): string => String(tables['wp_users']?.rows[0]?.['user_pass']);

for (const profile of profileNames) {
  await describeWithPackages('real shops on Node alone', profile, (parts) => {
    const useShops = shareShops(parts);

    it(
      'the first is installed, the second is a copy of it that equals a fresh one and shares no secret; both sell',
      async () => {
        const { open, template, emulator } = await useShops();
        const names = ["Ann's Tea & Co", 'Ben’s <b>Coffee</b>'] as const;
        const first = await open(names[0]);
        // At once: what a shop does in the background comes later, and at its own times.
        const [one, oneFiles] = [await dumpShop(first.claim), await filesOf(first.claim)];
        expectProducts((await first.visit().get('/shop/')).body);
        await template();

        const second = await open(names[1]);
        const two = await dumpShop(second.claim);
        expect(linesOf({ dump: two, url: second.url, name: names[1] })).toEqual(
          linesOf({ dump: one, url: first.url, name: names[0] }),
        );
        expect(await filesOf(second.claim)).toEqual(oneFiles);
        const guest = second.visit();
        expectProducts((await guest.get('/shop/')).body);
        expect((await guest.get('/')).body).not.toContain('shop.invalid');
        expect((await guest.get('/wp-json/')).body).toContain(second.url.replaceAll('/', '\\/'));
        const owner = second.visit();
        const login = adminLogin(second.url);
        await owner.submit((await owner.get('/wp-login.php')).body, `${second.url}/wp-login.php`, {
          log: login.username,
          pwd: login.password ?? '',
        });
        expect((await owner.get('/wp-admin/index.php')).body).toContain('Dashboard');

        expect(passwordIn(two)).not.toBe(passwordIn(one));
        for (const option of ['woocommerce_store_id', 'woocommerce_maxmind_geolocation_settings']) {
          expect(valueIn(two, option)).not.toBe(valueIn(one, option));
        }
        const secretOf = (storeId: string) =>
          stringsAt(emulator.store.get(secrets, storeId, 'store-credentials'), 'data');
        const [ours, theirs] = [secretOf(first.storeId), secretOf(second.storeId)];
        const kept = Object.keys(ours).filter((key) => !known.has(key));
        expect(kept.length).toBeGreaterThan(8);
        expect(kept.filter((key) => ours[key] === theirs[key])).toEqual([]);
        const configuration = await readFile(join(second.claim, 'wp-config.php'), 'utf8');
        const told = JSON.stringify(two) + configuration;
        const values = kept.map((key) => Buffer.from(theirs[key] ?? '', 'base64').toString());
        expect(values.filter((value) => told.includes(value))).toEqual([]);
      },
      3 * patienceMs,
    );
  });
}
