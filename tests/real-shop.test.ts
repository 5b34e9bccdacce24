import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { adminLogin } from '@store-platform/shared/contract/admin-login';
import { processIdentity } from '@store-platform/shared/process/process-identity';
import { describeWithPackages } from './describe-with-packages.ts';
import { until } from '@store-platform/shared/testing/until';
import { asleepAnnotation } from '../services/cluster-emulator/src/controllers/pods.ts';
import { pods } from '../services/cluster-emulator/src/objects/resources.ts';
import { createWordPressRuntime } from '../services/cluster-emulator/src/pod-runtime/wordpress/wordpress-runtime.ts';
import { sampleProducts } from '../services/worker/src/wordpress/recipe.ts';
import { acceptStore, awaitStatus, usePlatform } from './platform.ts';
import { visitShop } from './visit-shop.ts';

/** A first shop is unpacked, installed and verified; machines that do other things meanwhile take their time. */
const patienceMs = 300_000;

await describeWithPackages('real shops on Node alone', 'spec', (packages) => {
  const useShops = async (timing?: { sleepAfterMs: number; longestRequestMs: number }) => {
    let folder = '';
    const platform = await usePlatform({
      readyAfterMs: 0,
      runtime: (_objects, given) => {
        folder = join(given, 'wordpress');
        return createWordPressRuntime({ folder, packagesOf: () => packages, ...(timing && { timing }) });
      },
    });
    await platform.work();
    const open = async (name: string) => {
      const storeId = await acceptStore(platform.db, platform.emulator, name);
      const { url } = await awaitStatus(platform.db, storeId, 'ready', patienceMs);
      return { storeId, url, visit: () => visitShop(url, platform.emulator.ingressPort) };
    };
    const pids = async () => (await readdir(join(folder, 'processes'))).map(Number);
    return { ...platform, folder, open, pids };
  };

  it(
    'the first is installed, the second is a copy of it that shares no secret; both sell',
    async () => {
      const { open, folder, emulator } = await useShops();
      const first = await open("Ann's Tea & Co");
      expectProducts((await first.visit().get('/shop/')).body);
      await until('a finished shop lies ready', () => finishedShops(folder), { timeoutMs: patienceMs });

      const second = await open('Ben’s <b>Coffee</b>');
      const guest = second.visit();
      expectProducts((await guest.get('/shop/')).body);
      expect((await guest.get('/')).body).not.toContain('shop.invalid');
      expect((await guest.get('/wp-json/')).body).toContain(second.url.replaceAll('/', '\\/'));
      const owner = second.visit();
      const login = adminLogin(second.url);
      await owner.get('/wp-login.php');
      await owner.submit((await owner.get('/wp-login.php')).body, '', {
        log: login.username,
        pwd: login.password ?? '',
      });
      expect((await owner.get('/wp-admin/index.php')).body).toContain('Dashboard');

      const claims = join(folder, '../cluster/claims');
      const secretsOf = async (storeId: string) => {
        const volumes = await readdir(join(claims, storeId));
        const claim = volumes.find((name) => name.startsWith('wordpress-data')) ?? '';
        const database = await readFile(
          join(claims, storeId, claim, 'wp-content/database/.ht.sqlite'),
          'latin1',
        );
        return {
          password: /\$(?:P|wp\$2y)\$[^\0]{20,70}/.exec(database)?.[0],
          storeId: /woocommerce_store_id([0-9a-f-]{36})/.exec(database)?.[1],
          prefix: /"database_prefix";s:32:"(\w{32})"/.exec(database)?.[1],
          hash: createHash('sha256').update(database).digest('hex'),
        };
      };
      const [one, two] = [await secretsOf(first.storeId), await secretsOf(second.storeId)];
      for (const name of ['password', 'storeId', 'prefix', 'hash'] as const) {
        expect(one[name], name).toBeDefined();
        expect(one[name], name).not.toBe(two[name]);
      }
      await emulator.stop();
    },
    3 * patienceMs,
  );

  it(
    'keeps visitors apart, gives nothing away, and outlives the death of its processes',
    async () => {
      const { open, pids } = await useShops();
      const shop = await open('Tea');
      const [ann, ben] = [shop.visit(), shop.visit()];
      const [, id = ''] = /data-product_id="(\d+)"/.exec((await ann.get('/shop/')).body) ?? [];
      await ann.get(`/?add-to-cart=${id}`);
      const countOf = async (guest: typeof ann) =>
        /"items_count":(\d+)/.exec((await guest.get('/wp-json/wc/store/v1/cart')).body)?.[1];
      expect(await countOf(ann)).toBe('1');
      expect(await countOf(ben)).toBe('0');

      for (const path of ['/wp-content/database/.ht.sqlite', '/.htaccess', '/wp-content/.store-setup.lock'])
        expect((await ben.get(path)).status, path).toBe(403);

      for (const pid of await pids()) expect(await listeningPorts(pid)).toEqual([]);
      for (const pid of await pids()) process.kill(pid, 'SIGKILL');
      await until('the shop answers again', async () => (await countOf(ann)) === '1', {
        timeoutMs: patienceMs,
      });
    },
    2 * patienceMs,
  );

  it(
    'sleeps without visitors, stays ready, and wakes for the next one',
    async () => {
      const { open, pids, emulator } = await useShops({ sleepAfterMs: 3_000, longestRequestMs: 20_000 });
      const shop = await open('Tea');
      const shopPod = () =>
        emulator.store
          .list(pods, shop.storeId)
          .find(({ metadata }) => metadata.labels?.['app'] === 'woocommerce');
      const isAsleep = () => shopPod()?.metadata.annotations?.[asleepAnnotation] === 'true';
      await until('it sleeps', isAsleep, { timeoutMs: patienceMs });
      await until(
        'none of its processes runs',
        async () => (await pids()).every((pid) => !processIdentity(pid)),
        {
          timeoutMs: patienceMs,
        },
      );
      expectProducts((await shop.visit().get('/shop/')).body);
      expect(isAsleep()).toBe(false);
    },
    2 * patienceMs,
  );
});

/** WooCommerce wraps the parts of a price. @param page `/shop/` */
const expectProducts = (page: string): void => {
  const text = page.replaceAll(/<[^>]*>/g, '').replaceAll('&#36;', '$');
  for (const { name, price } of sampleProducts) {
    expect(text).toContain(name);
    expect(text).toContain(`$${price}`);
  }
};

const finishedShops = async (folder: string): Promise<boolean> =>
  (await readdir(join(folder, 'templates')).catch(() => [])).some((name) => !name.endsWith('.new'));

/** Where the system tells it: the addresses, as the kernel writes them, at which a process waits for others. */
const listeningPorts = async (pid: number): Promise<string[]> => {
  const handles = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(
    handles.map((handle) => readlink(`/proc/${pid}/fd/${handle}`).catch(() => '')),
  );
  const sockets = new Set(targets.map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1]));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const listening = '0A';
  return tables
    .flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)))
    .filter((fields) => fields[3] === listening && sockets.has(fields[9]))
    .map((fields) => fields[1] ?? '');
};
