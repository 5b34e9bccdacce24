import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { profileOf } from '@store-platform/shared/config/profile-of';
import { readSettings } from '@store-platform/shared/config/settings';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import type { StoreDetail } from '@store-platform/shared/contract/store';
import { until } from '@store-platform/shared/testing/until';
import { findPackages } from '../services/cluster-emulator/src/packages/find-packages.ts';
import { usageOf } from '../services/cluster-emulator/src/pod-runtime/wordpress/php-usage.ts';
import { PackageError } from '../services/cluster-emulator/src/packages/package-error.ts';
import { makePlatformFolder } from '../tests/make-platform-folder.ts';
import { runPlatform } from '../tests/run-platform.ts';
import { createStoreOver, followTo } from '../tests/start-platform.ts';
import { visitShop } from '../tests/visit-shop.ts';
import type { Bench } from './bench.ts';
import { installedSize } from './installed-size.ts';
import { measureNativePhp, type NativePhp } from './native-php.ts';
import { printTable } from './print-table.ts';
import { quantile } from './quantile.ts';
import { memoryOf } from '@store-platform/shared/testing/read-processes';
import { visitMs } from './visit-ms.ts';
import { hasTemplate, phpProcesses, wordpressClaim } from '../tests/shop-folders.ts';

/** Long enough to visit ten shops before the first of them sleeps. */
const sleepAfterMs = 60_000;
const patienceMs = 600_000;
const visits = 60;
/** The page shows one of the products, or it is none. */
const shopPage = { path: '/shop/', holds: 'USB-C Cable' } as const;

const environment = withDotEnv(process.env, process.cwd());

/** What stores are made of is as it is set. */
const shopSettings = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]): [string, string][] =>
      value !== undefined && /^STORE_(PACKAGES|PROFILE|WOOCOMMERCE_|STOREFRONT_)/.test(name)
        ? [[name, value]]
        : [],
    ),
  );

const missing = async (): Promise<string | undefined> => {
  const settings = readSettings(environment);
  const { wordpress, woocommerce, storefront, sqlite } = profileOf(settings).packages;
  if (settings.STORE_PACKAGES === undefined) {
    const urls = [wordpress, woocommerce, storefront, sqlite].map(({ url }) => url).join(', ');
    return `there are no archives. Put them into a folder and name it in STORE_PACKAGES: ${urls}`;
  }
  try {
    await findPackages(settings.STORE_PACKAGES, profileOf(settings).packages);
    return undefined;
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    return `${error.message} ${error.hint}`;
  }
};

type Platform = Awaited<ReturnType<typeof runPlatform>>;

/** One shop, and how it came about. */
interface MadeShop {
  readonly store: StoreDetail;
  readonly seconds: number;
}

const make = async ({ api }: Platform, name: string): Promise<MadeShop> => {
  const store = await followTo(api, await createStoreOver(api, name), 'ready', patienceMs);
  return { store, seconds: secondsBetween(store.created_at, store.ready_at) };
};

const secondsBetween = (from: string | null, to: string | null): number =>
  (Date.parse(to ?? '') - Date.parse(from ?? '')) / 1000;

const printStages = (first: StoreDetail, next: StoreDetail): void => {
  const row = printTable('Seconds in the stage', 'first store', 'next store');
  for (const { stage, started_at, finished_at } of first.stages) {
    const other = next.stages.find((run) => run.stage === stage);
    const took = [secondsBetween(started_at, finished_at)];
    if (other) took.push(secondsBetween(other.started_at, other.finished_at));
    row(stage, ...took.map((seconds) => seconds.toFixed(2)));
  }
  console.log('');
};

const phpMemory = (wordpress: string): number =>
  phpProcesses(wordpress).reduce((sum, pid) => sum + memoryOf(pid, 'Pss'), 0);

/** What WordPress does after a visit is done, in all shops. */
const untilIdle = async (wordpress: string): Promise<void> => {
  const worked = () => phpProcesses(wordpress).reduce((sum, pid) => sum + (usageOf(pid)?.cpuMs ?? 0), 0);
  let before = 0;
  const isIdle = () => {
    const now = worked();
    const worksNoMore = now - before < 50;
    before = now;
    return worksNoMore;
  };
  await until('no shop works', isIdle, { timeoutMs: patienceMs, everyMs: 3000 });
};

const measureWarm = async (visit: () => Promise<number>): Promise<number[]> => {
  for (let warmUps = 0; warmUps < 5; warmUps += 1) await visit();
  const times: number[] = [];
  while (times.length < visits) times.push(await visit());
  return times;
};

const seconds = (value: number | undefined) => (value === undefined ? '' : `${value.toFixed(1)} s`);
const milliseconds = (value: number | undefined) => (value === undefined ? '' : `${value.toFixed(0)} ms`);
const megabytes = (value: number | undefined) => (value === undefined ? '' : `${value.toFixed(0)} MB`);

const measureAll = async (platform: Platform, folder: string, stores: number): Promise<void> => {
  const wordpress = join(folder, 'cluster/wordpress');
  const first = await make(platform, 'The first');
  const untilTemplate = performance.now();
  await until('a finished shop lies ready', () => hasTemplate(wordpress), {
    timeoutMs: patienceMs,
    everyMs: 100,
  });
  const templateMs = performance.now() - untilTemplate;
  // What has just been copied is still on its way to the disk.
  await untilIdle(wordpress);
  const next = await make(platform, 'The next');
  printStages(first.store, next.store);

  const beginOthers = performance.now();
  const others = await Promise.all(
    Array.from({ length: stores - 2 }, (_, number) => make(platform, `Another, ${number}`)),
  );
  const othersSeconds = (performance.now() - beginOthers) / 1000;
  const shops = [first, next, ...others].map(({ store }) => ({
    visitor: visitShop(store.url, platform.ingressPort),
    url: store.url,
  }));
  const visit = (number: number) => visitMs(shops[number]?.visitor, shopPage);

  await untilIdle(wordpress);
  const warm = await measureWarm(() => visit(1));
  const oneProcess = phpMemory(wordpress) / phpProcesses(wordpress).length;
  for (const number of shops.keys()) await visit(number);
  const awake = { processes: phpProcesses(wordpress).length, megabytes: phpMemory(wordpress) };
  // Two visitors at once get a second process.
  const atOnce = await Promise.all([measureWarm(() => visit(1)), measureWarm(() => visit(1))]);
  const busy = { processes: phpProcesses(wordpress).length, megabytes: phpMemory(wordpress) };

  const asleep = () =>
    until('all shops sleep', () => phpProcesses(wordpress).length === 0, {
      timeoutMs: patienceMs,
      everyMs: 200,
    });
  const wakes: number[] = [];
  let asleepMegabytes = 0;
  while (wakes.length < 5) {
    await asleep();
    asleepMegabytes = phpMemory(wordpress);
    for (const number of shops.keys()) wakes.push(await visit(number));
  }
  const native: NativePhp | undefined = await measureNativePhp(
    {
      folder: wordpressClaim(join(folder, 'cluster'), next.store.namespace),
      url: next.store.url,
      page: shopPage,
    },
    measureWarm,
  );

  const row = printTable('What', 'measured', 'wanted', native?.version ?? 'native PHP');
  row('the first store, from its creation to the end of verify', seconds(first.seconds), '≤ 20 s', '');
  row('… until the next can begin as a copy', `${seconds(templateMs / 1000)} later`, '', '');
  row('the next store', seconds(next.seconds), '≤ 6 s', '');
  if (others.length > 0) {
    const slowest = Math.max(...others.map((made) => made.seconds));
    row(
      `${others.length} more at once: all ready`,
      `${seconds(othersSeconds)}, the slowest ${seconds(slowest)}`,
      '',
      '',
    );
  }
  row('`/shop/`, warm, p50', milliseconds(quantile(warm, 0.5)), '≤ 200 ms', milliseconds(native?.warmP50));
  row('`/shop/`, warm, p95', milliseconds(quantile(warm, 0.95)), '', milliseconds(native?.warmP95));
  row('`/shop/`, two visitors at once, p50', milliseconds(quantile(atOnce.flat(), 0.5)), '', '');
  row(
    'asleep → first page, p50',
    seconds(quantile(wakes, 0.5) / 1000),
    '≤ 3 s',
    seconds(native?.wakeSeconds),
  );
  row('asleep → first page, slowest', seconds(Math.max(...wakes) / 1000), '', '');
  row('memory of one shop that is awake', megabytes(oneProcess), '≤ 500 MB', megabytes(native?.megabytes));
  row(`memory of ${shops.length} shops, ${awake.processes} processes`, megabytes(awake.megabytes), '', '');
  row(`… one of them busy, ${busy.processes} processes`, megabytes(busy.megabytes), '', '');
  row('memory of those asleep', megabytes(asleepMegabytes), '0 MB', '');
  row('node_modules grows by', megabytes(installedSize(phpPackages)), '≤ 120 MB', '');
  if (!native) console.log('\nThere is no native PHP on the PATH to compare with.');
};

const phpPackages = ['@php-wasm/node', '@php-wasm/universal', '@php-wasm/util'];

const run = async ({ stores }: { readonly stores: number }): Promise<void> => {
  const folder = await makePlatformFolder();
  const platform = await runPlatform(folder, {
    ...shopSettings(),
    STORE_RUNTIME: 'wordpress',
    // As `npm start` has it.
    EMULATOR_READY_AFTER_MS: '',
    EMULATOR_SLEEP_AFTER_MS: String(sleepAfterMs),
    MAX_ACTIVE_STORES: String(stores),
  });
  try {
    await platform.ready();
    await measureAll(platform, folder, stores);
  } finally {
    await platform.interrupt();
    await rm(folder, { recursive: true, force: true });
  }
};

export const nodeShop: Bench = { name: 'node-shop', title: 'Real shops on Node alone', missing, run };
