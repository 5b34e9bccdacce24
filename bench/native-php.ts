import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@store-platform/shared/process/free-port';
import { until } from '@store-platform/shared/testing/until';
import { visitShop } from '../tests/visit-shop.ts';
import { quantile } from './quantile.ts';
import { memoryOf } from '@store-platform/shared/testing/read-processes';
import { visitMs, type WantedPage } from './visit-ms.ts';

export interface NativePhp {
  readonly version: string;
  readonly warmP50: number;
  readonly warmP95: number;
  readonly wakeSeconds: number;
  readonly megabytes: number;
}

export interface ShopToCopy {
  /** Its docroot. */
  readonly folder: string;
  readonly url: string;
  readonly page: WantedPage;
}

/** What WordPress with SQLite can't be without. */
const wantedExtensions = ['pdo_sqlite', 'mbstring', 'dom'];

/** @returns what it calls itself; undefined where there is none that could run a shop */
const nativeVersion = (): string | undefined => {
  const { status, stdout } = spawnSync('php', ['-m'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const loaded = new Set(stdout.split('\n'));
  if (wantedExtensions.some((name) => !loaded.has(name))) return undefined;
  return `native ${spawnSync('php', ['-v'], { encoding: 'utf8' }).stdout.split(' (')[0]}`;
};

/** The same shop, a copy of it, on this machine's own PHP; undefined where there is none. */
export const measureNativePhp = async (
  { folder, url, page }: ShopToCopy,
  measureWarm: (visit: () => Promise<number>) => Promise<number[]>,
): Promise<NativePhp | undefined> => {
  const version = nativeVersion();
  if (version === undefined) return undefined;
  const copy = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  await cp(folder, copy, { recursive: true });
  const port = await freePort();
  const begin = performance.now();
  const server = spawn('php', ['-d', 'memory_limit=256M', '-S', `127.0.0.1:${port}`, '-t', copy], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], WORDPRESS_DB_NAME: 'wordpress' },
  });
  const ended = once(server, 'close');
  try {
    const visitor = visitShop(url, port);
    await until('native PHP answers', () => visitor.get('/license.txt').catch(() => undefined));
    const visit = () => visitMs(visitor, page);
    await visit();
    const wakeSeconds = (performance.now() - begin) / 1000;
    const times = await measureWarm(visit);
    return {
      version,
      wakeSeconds,
      warmP50: quantile(times, 0.5),
      warmP95: quantile(times, 0.95),
      megabytes: memoryOf(server.pid ?? 0, 'Pss'),
    };
  } finally {
    server.kill();
    await ended;
    await rm(copy, { recursive: true, force: true });
  }
};
