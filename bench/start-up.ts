import { rm } from 'node:fs/promises';
import { until } from '@store-platform/shared/testing/until';
import { StoreList } from '@store-platform/shared/contract/api';
import { makePlatformFolder } from '../tests/make-platform-folder.ts';
import { postmasterOf, runPlatform } from '../tests/run-platform.ts';
import type { Bench } from './bench.ts';
import { printTable } from './print-table.ts';
import { childrenOf, memoryOf } from '@store-platform/shared/testing/read-processes';

type Platform = Awaited<ReturnType<typeof runPlatform>>;

const stores = 10;

/** In MB. PostgreSQL's processes share pages, so each counts its part of them (Pss) alone. */
const memory = (platform: Platform, folder: string): Map<string, number> => {
  const postmaster = postmasterOf(folder);
  const database = [postmaster, ...childrenOf(postmaster)].map((pid) => memoryOf(pid, 'Pss'));
  return new Map([
    ['launcher', memoryOf(platform.launcherPid, 'Rss')],
    ...platform.services().map(({ name, pid }): [string, number] => [name, memoryOf(pid, 'Rss')]),
    ['PostgreSQL, all its processes', database.reduce((sum, each) => sum + each, 0)],
  ]);
};

const isHealthy = async (api: string): Promise<boolean> => {
  try {
    return (await fetch(`${api}/health`)).ok;
  } catch {
    return false;
  }
};

/** @returns the platform and, in seconds from its start, when `/health` answered and when all was ready. */
const measureStart = async (folder: string) => {
  const begin = performance.now();
  const platform = await runPlatform(folder);
  const seconds = () => (performance.now() - begin) / 1000;
  const health = until('the API answers', () => isHealthy(platform.api), { timeoutMs: 90_000 }).then(seconds);
  const ready = platform.ready().then(seconds);
  return { platform, health: await health, ready: await ready };
};

const makeStores = async (api: string): Promise<void> => {
  const list = async () => StoreList.parse(await (await fetch(`${api}/api/stores`)).json());
  for (let made = 0; made < stores; made += 1) {
    await fetch(`${api}/api/stores`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `Shop ${made}`, type: 'woocommerce' }),
    });
  }
  await until('all are ready', async () => (await list()).every(({ status }) => status === 'ready'), {
    timeoutMs: 60_000,
  });
};

const run = async (): Promise<void> => {
  const folder = await makePlatformFolder();
  try {
    const first = await measureStart(folder);
    const empty = memory(first.platform, folder);
    await makeStores(first.platform.api);
    const full = memory(first.platform, folder);
    await first.platform.interrupt();
    const again = await measureStart(folder);
    await again.platform.interrupt();

    const seconds = printTable(
      'Seconds until',
      'first start, empty data folder',
      `again, with ${stores} stores`,
    );
    seconds('`/health` answers', first.health.toFixed(1), again.health.toFixed(1));
    seconds('everything is ready', first.ready.toFixed(1), again.ready.toFixed(1));
    console.log('');
    const megabytes = printTable('Memory, MB', 'no store', `${stores} stores made`);
    for (const [name, held] of empty) megabytes(name, held.toFixed(0), full.get(name)?.toFixed(0) ?? '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

export const startUp: Bench = {
  name: 'start',
  title: 'How long `npm start` takes, and what each process holds in memory',
  run,
};
