import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { platformConfig } from '@store-platform/shared/config/platform-config';
import { readSettings, type Settings } from '@store-platform/shared/config/settings';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { ingressAddressOf } from '@store-platform/shared/config/worker-config';
import { adminLogin } from '@store-platform/shared/contract/admin-login';
import { connectCluster } from '@store-platform/shared/kube/connect-cluster';
import { openCluster } from '@store-platform/shared/kube/open-cluster';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { findShopAddress } from '../services/worker/src/wordpress/shop-address.ts';
import { buyAsGuest, findOrder } from './buy-as-guest.ts';
import { openBrowser } from './open-browser.ts';
import { makePlatformFolder } from './make-platform-folder.ts';
import { runPlatform } from './run-platform.ts';
import { createStoreOver, followTo } from './start-platform.ts';
import { wordsOf } from '@store-platform/shared/text/words-of';

// `npm run test:store`: makes a store on the cluster that KUBE_CONTEXT names, buys in it as a guest, finds the order in
// wp-admin, deletes the store. `--url URL` does the buying in any shop. Prints each step, ends with 1 at the first that fails.

const usage = `npm run test:store -- [--url URL] [--password PASSWORD] [--screenshots FOLDER]
  --url          a shop to buy in; without it a store is made on the cluster that KUBE_CONTEXT names, and deleted
  --password     of the shop's admin; without it the known one, or the one in the store's Secret
  --screenshots  a folder for a picture of each step`;

/** A real shop on a busy machine takes its time for its first pages. */
const answerMs = 60_000;
const readyMs = 600_000;

const begin = performance.now();
const tell = (sentence: string): void => {
  process.stdout.write(`${((performance.now() - begin) / 1000).toFixed(1).padStart(7)} s  ✓ ${sentence}\n`);
};

const Credentials = z.object({ data: z.object({ 'admin-password': z.string() }) });

/** The store's own password lies in its Secret, and nowhere else. */
const passwordInCluster = async (settings: Settings, namespace: string): Promise<string> => {
  const { cluster } = platformConfig(settings, '');
  if (cluster.kind === 'emulated') {
    throw new Error("The shop's admin has a password of its own: give --password, or name its KUBE_CONTEXT.");
  }
  const opened = await openCluster({
    kubeConfig: connectCluster(cluster),
    installationId: 'none',
    logger: silentLogger,
  });
  try {
    const secret = await opened.get({ kind: 'Secret', name: 'store-credentials', namespace });
    if (!secret) throw new Error(`There is no Secret store-credentials in ${namespace}: give --password.`);
    return Buffer.from(Credentials.parse(secret).data['admin-password'], 'base64').toString();
  } finally {
    opened.close();
  }
};

const whereIs = async (settings: Settings, url: string) => {
  const { hostname, port } = new URL(url);
  // Browsers know what `*.localhost` is.
  if (hostname.endsWith('localhost')) return undefined;
  const ingress = ingressAddressOf(settings, {
    ...platformConfig(settings, ''),
    publicPort: Number(port) || 80,
  });
  const { host, port: at, how } = await findShopAddress(url, ingress);
  tell(`The shop is visited ${how}.`);
  return { name: hostname, address: `${host}:${at}` };
};

interface BuyOptions {
  readonly password?: string;
  readonly screenshots?: string;
}

const buy = async (settings: Settings, url: string, options: BuyOptions): Promise<void> => {
  const known = adminLogin(url);
  const namespace = new URL(url).hostname.split('.')[0] ?? '';
  const password = options.password ?? known.password ?? (await passwordInCluster(settings, namespace));
  const host = await whereIs(settings, url);
  const { page, close } = await openBrowser({ answerMs, ...(host && { host }) });
  let pictures = 0;
  const picture = async (name: string) => {
    if (!options.screenshots) return;
    await mkdir(options.screenshots, { recursive: true });
    await page.screenshot({ path: join(options.screenshots, `${name}.png`), fullPage: true });
  };
  const seen = async (sentence: string) => {
    tell(sentence);
    pictures += 1;
    await picture(String(pictures));
  };
  try {
    await page.goto(url);
    const order = await buyAsGuest(page, seen);
    await page.goto(new URL('/wp-admin/', url).href);
    await findOrder(page, { user: known.username, password }, order, seen);
  } catch (error) {
    await picture('failed');
    throw error;
  } finally {
    await close();
  }
};

/** A platform of its own, with its own database, on the named cluster; the store goes again, also after a failure. */
const makeAndBuy = async (settings: Settings, options: BuyOptions): Promise<void> => {
  const folder = await makePlatformFolder();
  const platform = await runPlatform(folder, clusterSettings(settings));
  try {
    await platform.ready();
    tell(`The platform runs; its dashboard is ${platform.dashboard}`);
    const storeId = await createStoreOver(platform.api, 'Tea & Co');
    try {
      const { url } = await followTo(platform.api, storeId, 'ready', readyMs);
      tell(`${storeId} is ready at ${url}`);
      await buy(settings, url, options);
    } finally {
      await fetch(`${platform.api}/api/stores/${storeId}`, { method: 'DELETE' });
      await followTo(platform.api, storeId, 'deleted', readyMs);
      tell(`${storeId} is deleted, with its namespace.`);
    }
  } finally {
    await platform.interrupt();
    await rm(folder, { recursive: true, force: true });
  }
};

/** What says which cluster, and what stores are made of; nothing of where this platform keeps its own data. */
const clusterSettings = (settings: Settings): Record<string, string> =>
  Object.fromEntries(
    Object.keys(settings)
      .filter((name) => /^(KUBE|CLUSTER_|INGRESS_(CLASS|NAMESPACE|ADDRESS)|STORE_)/.test(name))
      .flatMap((name): [string, string][] => {
        const value = environment[name];
        return value === undefined ? [] : [[name, value]];
      }),
  );

const environment = withDotEnv(process.env, process.cwd());

/** @throws Error that says what is wrong with the command line or the settings */
const readOrders = () => {
  const settings = readSettings(environment);
  const { values } = parseArgs({
    options: { url: { type: 'string' }, password: { type: 'string' }, screenshots: { type: 'string' } },
  });
  if (!values.url && !settings.KUBE_CONTEXT)
    throw new Error('No cluster is named: set KUBE_CONTEXT, or give --url.');
  return { settings, ...values };
};

const run = async (): Promise<number> => {
  let orders: ReturnType<typeof readOrders>;
  try {
    orders = readOrders();
  } catch (error) {
    process.stderr.write(`${wordsOf(error)}\n${usage}\n`);
    return 2;
  }
  const { settings, url, ...options } = orders;
  try {
    await (url ? buy(settings, url, options) : makeAndBuy(settings, options));
    return 0;
  } catch (error) {
    process.stderr.write(`✗ ${wordsOf(error)}\n`);
    return 1;
  }
};

process.exitCode = await run();
