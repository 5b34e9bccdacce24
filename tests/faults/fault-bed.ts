import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import {
  startClusterEmulator,
  type ClusterEmulator,
} from '../../services/cluster-emulator/src/cluster-emulator.ts';
import { createClosers, type Closers } from '../../services/worker/src/closers.ts';
import { witnessCluster, type ClusterWitness } from './cluster-witness.ts';
import type { WorkerSettings } from './point.ts';
import { createTroubledRuntime, type TroubledRuntime } from './troubled-runtime.ts';
import { startWorkerPool, type WorkerPool } from './worker-pool.ts';

export type Backend = 'postgres' | 'redis';

export interface FaultBedOptions {
  readonly backend: Backend;
  /** A migrated database of its own. */
  readonly databaseUrl: string;
  /** Of `buildWorker`. */
  readonly program: string;
  /** Worker processes; unset, 3. */
  readonly workers?: number;
  readonly settings?: Partial<Omit<WorkerSettings, 'environment'>>;
  /** Settings of the workers, e.g. images. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A whole platform: a real queue, an emulated cluster in this process, worker processes, and a proxy in front of each
 * thing that the workers and the API reach over the network. The API's own functions are called here.
 */
export interface FaultBed {
  readonly backend: Backend;
  /** Of its workers: for a bed beside this one. */
  readonly program: string;
  /** The settings of a process of this platform. */
  readonly environment: Readonly<Record<string, string>>;
  /** Straight to PostgreSQL, past the proxy: for whoever looks. */
  readonly db: Database;
  readonly queue: StageQueue;
  readonly emulator: ClusterEmulator;
  readonly witness: ClusterWitness;
  readonly runtime: TroubledRuntime;
  /** Where the emulator keeps its claims. */
  readonly claimsDir: string;
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

/** Everything quicker; a busy machine may need seconds for a heartbeat. */
const bedSettings: Omit<WorkerSettings, 'environment'> = {
  timing: {
    beatEveryMs: 250,
    deadAfterMs: 6000,
    unclaimedAfterMs: 400,
    sweepEveryMs: { fast: 50, slow: 200, minute: 60_000, rare: 60_000 },
  },
  backoffMs: 50,
  stageTimeoutMs: 30_000,
  watch: { staleAfterMs: 20_000, restartAfterMs: 50 },
};

const usualPatienceMs = 300_000;
const keptOutput = 200_000;
let made = 0;

/** @throws Error with what the workers said when they don't start; nothing is left open then. */
export const openFaultBed = async (options: FaultBedOptions): Promise<FaultBed> => {
  const closers = createClosers();
  try {
    return await open(options, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
};

const open = async (options: FaultBedOptions, closers: Closers): Promise<FaultBed> => {
  const { backend, databaseUrl } = options;
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  closers.add(() => rm(folder, { recursive: true, force: true }));
  const proxyTo = async (url: string): Promise<CuttableProxy> => {
    const proxy = await startCuttableProxy(url);
    closers.add(proxy.cut);
    return proxy;
  };
  const runtime = createTroubledRuntime();
  const kubeconfigPath = join(folder, 'kubeconfig');
  const emulator = await startClusterEmulator({
    dataDir: join(folder, 'cluster'),
    kubeconfigPath,
    ingressPort: 0,
    readyAfterMs: 50,
    runtime: () => runtime,
    logger: silentLogger,
  });
  closers.add(() => emulator.stop());
  const database = await proxyTo(databaseUrl);
  const cluster = await leadThroughProxy(kubeconfigPath, proxyTo);
  const redis = backend === 'redis' ? await startRedisServer() : undefined;
  if (redis) closers.add(() => redis.stop());
  const redisProxy = redis && (await proxyTo(redis.url));
  const environment = {
    DATABASE_URL: database.url,
    EMULATOR_KUBECONFIG: kubeconfigPath,
    INGRESS_PORT: String(emulator.ingressPort),
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
    settings: { ...bedSettings, ...options.settings, environment },
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
    emulator,
    witness: witnessCluster(emulator.store),
    runtime,
    claimsDir: join(folder, 'cluster', 'claims'),
    workers,
    proxies: { database, cluster, ...(redisProxy && { redis: redisProxy }) },
    redis,
    newStoreId: () => {
      made += 1;
      return `store-${made.toString(36).padStart(8, '0')}`;
    },
    create: async (storeId, { sends = true } = {}) => {
      const address = storeAddress(storeId, { baseDomain: 'localhost', publicPort: emulator.ingressPort });
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

/** Rewrites the kubeconfig, so that everyone who reads it goes by the proxy. */
const leadThroughProxy = async (
  kubeconfigPath: string,
  proxyTo: (url: string) => Promise<CuttableProxy>,
): Promise<CuttableProxy> => {
  const text = await readFile(kubeconfigPath, 'utf8');
  const [server = ''] = /https:\/\/127\.0\.0\.1:\d+/.exec(text) ?? [];
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
