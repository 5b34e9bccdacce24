import { readFile, writeFile } from 'node:fs/promises';
import { storeAddress } from '@store-platform/shared/config/store-url';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { StoreDetail } from '@store-platform/shared/contract/store';
import { openDatabase, type Database } from '@store-platform/shared/db/database';
import { createStore, deleteStore, findStore, retryStore } from '@store-platform/shared/db/stores';
import { sendDue } from '@store-platform/shared/dispatch/send-due';
import { openStageQueue } from '@store-platform/shared/queue/open-stage-queue';
import type { StageQueue } from '@store-platform/shared/queue/stage-queue';
import { startCuttableProxy, type CuttableProxy } from '@store-platform/shared/testing/cuttable-proxy';
import { startRedisServer, type RedisServer } from '@store-platform/shared/testing/redis-server';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import { createClosers, type Closers } from '../../services/worker/src/closers.ts';
import type { WorkerSettings } from './point.ts';
import { startWorkerPool, type WorkerPool } from './worker-pool.ts';

export type Backend = 'postgres' | 'redis';

export interface PlatformBedOptions {
  readonly backend: Backend;
  /** A migrated database of its own. */
  readonly databaseUrl: string;
  /** Of `buildWorker`. */
  readonly program: string;
  /** Worker processes; unset, 3. */
  readonly workers?: number;
  readonly settings: Omit<WorkerSettings, 'environment'>;
  /** Settings of its processes, e.g. images. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Which cluster the platform is on. */
export interface BedCluster {
  /** Leads straight to it; it is rewritten to lead there by the proxy. */
  readonly kubeconfigPath: string;
  readonly shops: { readonly baseDomain: string; readonly publicPort: number };
}

/**
 * A platform to whom things happen: a real queue, worker processes, and a proxy in front of each thing that the workers and
 * the API reach over the network. The API's own functions are called here.
 */
export interface PlatformBed {
  readonly backend: Backend;
  /** Of its workers: for a bed beside this one. */
  readonly program: string;
  /** The settings of a process of this platform. */
  readonly environment: Readonly<Record<string, string>>;
  /** Straight to PostgreSQL, past the proxy: for whoever looks. */
  readonly db: Database;
  readonly queue: StageQueue;
  readonly workers: WorkerPool;
  readonly proxies: {
    readonly database: CuttableProxy;
    readonly cluster: CuttableProxy;
    readonly redis?: CuttableProxy;
  };
  /** Where the queue lives on it. */
  readonly redis: RedisServer | undefined;
  /** An id that no store has yet: faults may be laid out for it. */
  newStoreId(): string;
  /** As `POST /api/stores` does it. `sends: false` is an API that dies between its commit and the queue. */
  create(storeId: string, options?: { sends?: boolean }): Promise<void>;
  delete(storeId: string): Promise<void>;
  retry(storeId: string): Promise<void>;
  find(storeId: string): Promise<StoreDetail | undefined>;
  /** @returns the store once it is as wanted. @throws Error that tells how it stands instead */
  awaitStore(
    storeId: string,
    what: string,
    isAsWanted: (store: StoreDetail) => boolean,
    timeoutMs?: number,
  ): Promise<StoreDetail>;
  /** The last that the workers said. */
  output(): string;
  /** What a case has opened beside it ends with it, when the case is interrupted. */
  alsoClose(close: () => Promise<unknown>): void;
  close(): Promise<void>;
}

const usualPatienceMs = 300_000;
const keptOutput = 200_000;
let made = 0;

/** What was opened is closed again when what comes after it can't be opened. */
export const openWhole = async <T>(open: (closers: Closers) => Promise<T>): Promise<T> => {
  const closers = createClosers();
  try {
    return await open(closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
};

/**
 * @param closers what it opens is closed by them
 * @throws Error with what the workers said when they don't start
 */
export const openPlatformBed = async (
  options: PlatformBedOptions,
  { kubeconfigPath, shops }: BedCluster,
  closers: Closers,
): Promise<PlatformBed> => {
  const { backend, databaseUrl } = options;
  const proxyTo = async (url: string): Promise<CuttableProxy> => {
    const proxy = await startCuttableProxy(url);
    closers.add(proxy.cut);
    return proxy;
  };
  const database = await proxyTo(databaseUrl);
  const cluster = await leadThroughProxy(kubeconfigPath, proxyTo);
  const redis = backend === 'redis' ? await startRedisServer() : undefined;
  if (redis) closers.add(() => redis.stop());
  const redisProxy = redis && (await proxyTo(redis.url));
  const environment = {
    DATABASE_URL: database.url,
    MAX_ACTIVE_STORES: '10000',
    LOG_LEVEL: 'warn',
    ...(redisProxy && { REDIS_URL: redisProxy.url }),
    ...options.environment,
  };
  const pool = (url: string) => {
    const db = openDatabase({ url, max: 8, applicationName: 'test', patienceMs: 5000, logger: silentLogger });
    closers.add(() => db.close());
    return db;
  };
  const db = pool(databaseUrl);
  const apiDb = pool(database.url);
  const logger = silentLogger;
  const queue = await openStageQueue({ redisUrl: redisProxy?.url, databaseUrl: database.url, logger });
  closers.add(() => queue.close());
  let output = '';
  const workers = await startWorkerPool({
    program: options.program,
    size: options.workers ?? 3,
    settings: { ...options.settings, environment },
    onOutput: (text) => {
      output = `${output}${text}`.slice(-keptOutput);
    },
  }).catch((error: unknown) => {
    throw new Error(`The workers don't start:\n${output.slice(-2000)}`, { cause: error });
  });
  closers.add(() => workers.stop('killed'));
  const sending = new Set<Promise<unknown>>();
  const sendSoon = (storeId: string) => {
    const sent = sendDue({ db: apiDb, queue, logger: silentLogger }, storeId).finally(() =>
      sending.delete(sent),
    );
    sending.add(sent);
  };
  closers.add(async () => void (await Promise.all(sending)));
  const find = (storeId: string) => findStore(db, storeId);

  return {
    backend,
    program: options.program,
    environment,
    db,
    queue,
    workers,
    proxies: { database, cluster, ...(redisProxy && { redis: redisProxy }) },
    redis,
    newStoreId: () => {
      made += 1;
      return `store-${made.toString(36).padStart(8, '0')}`;
    },
    create: async (storeId, { sends = true } = {}) => {
      const address = storeAddress(storeId, shops);
      const input = { storeId, name: 'Fault & Sons', type: 'woocommerce', profile: 'spec', ...address };
      await persistently(() => createStore(apiDb, { ...input, maxActive: 10_000 }));
      if (sends) sendSoon(storeId);
    },
    delete: async (storeId) => {
      await persistently(() => deleteStore(apiDb, storeId));
      sendSoon(storeId);
    },
    retry: async (storeId) => {
      await persistently(() => retryStore(apiDb, storeId, { maxActive: 10_000 }));
      sendSoon(storeId);
    },
    find,
    awaitStore: async (storeId, what, isAsWanted, timeoutMs = usualPatienceMs) => {
      let last: StoreDetail | undefined;
      const look = async () => {
        last = await find(storeId).catch(() => undefined);
        return last && isAsWanted(last) ? last : undefined;
      };
      return until(what, look, { timeoutMs, everyMs: 50 }).catch((error: unknown) => {
        throw new Error(`${storeId} is not ${what}: ${describe(last)}`, { cause: error });
      });
    },
    output: () => output,
    alsoClose: (end) => closers.add(async () => void (await end())),
    close: closers.closeAll,
  };
};

/** As a person does who was told that the database does not answer: once more. */
const persistently = <T>(ask: () => Promise<T>): Promise<T | true> =>
  until(
    'the API answers',
    async () => {
      try {
        return (await ask()) ?? true;
      } catch (error) {
        if (error instanceof PlatformError && error.code === 'database_away') return undefined;
        // It was retried, and only the answer was lost.
        if (error instanceof PlatformError && error.code === 'not_failed') return true;
        throw error;
      }
    },
    { timeoutMs: usualPatienceMs, everyMs: 200 },
  );

/** Rewrites the kubeconfig, so that everyone who reads it goes by the proxy. It names one server. */
const leadThroughProxy = async (
  kubeconfigPath: string,
  proxyTo: (url: string) => Promise<CuttableProxy>,
): Promise<CuttableProxy> => {
  const text = await readFile(kubeconfigPath, 'utf8');
  const [server = ''] = /https:\/\/[\w.-]+:\d+/.exec(text) ?? [];
  const proxy = await proxyTo(server);
  await writeFile(kubeconfigPath, text.replace(server, proxy.url.replace(/\/$/, '')));
  return proxy;
};

const describe = (store: StoreDetail | undefined): string => {
  if (!store) return 'no such store';
  const runs = store.stages.map(({ stage, status, attempt }) => `${stage} ${status} (${attempt})`).join(', ');
  const events = store.events.slice(-6).map(({ stage, message }) => `\n    ${stage ?? ''}: ${message}`);
  return `${store.status}, generation ${store.generation}, ${store.error ?? 'no error'}; ${runs}${events.join('')}`;
};
