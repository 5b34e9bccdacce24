import { hostname } from 'node:os';
import type { WorkerConfig } from '@store-platform/shared/config/worker-config';
import { openDatabase, type Database } from '@store-platform/shared/db/database';
import { openLeadership } from '@store-platform/shared/db/leader-lock';
import { migrate } from '@store-platform/shared/db/migrate';
import { listReadyStoreIds, readInstallationId } from '@store-platform/shared/db/store-observations';
import type { ConnectedCluster } from '@store-platform/shared/kube/cluster';
import { connectCluster } from '@store-platform/shared/kube/connect-cluster';
import { guardCluster } from '@store-platform/shared/kube/guard-cluster';
import { openCluster } from '@store-platform/shared/kube/open-cluster';
import type { Logger } from '@store-platform/shared/log/logger';
import { openStageQueue } from '@store-platform/shared/queue/open-stage-queue';
import type { StageQueue } from '@store-platform/shared/queue/stage-queue';
import { createClosers, type Closers } from './closers.ts';
import { clusterView } from './leader/cluster-view.ts';
import { createLookAhead } from './leader/look-ahead.ts';
import { startLeader } from './leader/leader.ts';
import { createSweeps } from './leader/sweeps.ts';
import { deprovision } from './deprovision.ts';
import { provision } from './provision.ts';
import { handBackLost } from './runner/hand-back-lost.ts';
import { createLease, type Lease } from './runner/lease.ts';
import { beforeCall } from './runner/lease-guard.ts';
import { runJob, type RunnerDeps } from './runner/run-job.ts';
import type { Stage } from './runner/stage.ts';
import { stageSettings } from './stage-settings.ts';
import type { WorkerTiming } from './worker-timing.ts';

/** How a worker opens what lies outside of its process: a test may stand between. */
export interface Outside {
  openDatabase: typeof openDatabase;
  openCluster: typeof openCluster;
  openStageQueue: typeof openStageQueue;
}

export interface WorkerOptions {
  config: WorkerConfig;
  /** The logins to private registries, as a Docker `config.json`; undefined where images need none. */
  registryConfig?: string | undefined;
  timing: WorkerTiming;
  logger: Logger;
  stages?: readonly Stage[];
  outside?: Outside;
  /** The worker can't go on; its process should end and be started again. */
  onBroken(error: Error): void;
}

export interface Worker {
  /** Hands back what runs, so that another worker carries on at once, and leaves. */
  stop(): Promise<void>;
}

const now = () => performance.now();
const everyStage = [...provision, ...deprovision];
const realOutside: Outside = { openDatabase, openCluster, openStageQueue };
const connections = 5;
/** Two tries fit into a lease, each waiting once for a connection and once for an answer. */
const heartbeat = { connections: 1, patienceMs: 1500 };
/** Of one Kubernetes call: 5 s of a lease of 8, so that a call may start although a heartbeat or two are late. */
const callShareOfLease = 5 / 8;

/** One worker process: it consumes jobs, runs stages, and leads when it is its turn. */
export const startWorker = async (options: WorkerOptions): Promise<Worker> => {
  const closers = createClosers();
  try {
    await open(options, closers);
  } catch (error) {
    await closers
      .closeAll()
      .catch((left: unknown) =>
        options.logger.warn({ err: left }, 'A start that failed left something open'),
      );
    throw error;
  }
  return { stop: closers.closeAll };
};

/** The order of opening; closing is its reverse. */
const open = async (options: WorkerOptions, closers: Closers): Promise<void> => {
  const { config, registryConfig, timing, logger, onBroken, stages = everyStage } = options;
  const { outside = realOutside } = options;
  const openPool = (max: number, patienceMs: number): Database =>
    outside.openDatabase({
      url: config.databaseUrl,
      max,
      applicationName: 'store-platform-worker',
      patienceMs,
      logger,
    });
  const db = openPool(connections, 5000);
  closers.add(() => db.close());
  await migrate(db);
  const installationId = await readInstallationId(db);
  const cluster = await outside.openCluster({
    kubeConfig: connectCluster(config.cluster),
    installationId,
    logger,
    callTimeoutMs: timing.deadAfterMs * callShareOfLease,
  });
  closers.add(() => cluster.close());
  const queue = await outside.openStageQueue({ ...config, logger });
  closers.add(() => queue.close());
  const pulse = openPool(heartbeat.connections, heartbeat.patienceMs);
  closers.add(() => pulse.close());
  const lease = createLease({
    db: pulse,
    logger,
    host: hostname(),
    pid: process.pid,
    beatEveryMs: timing.beatEveryMs,
    deadAfterMs: timing.deadAfterMs,
    handBack: (run, workerId) => handBackLost(db, run, workerId),
    now,
  });
  closers.add(() => lease.stop());
  await lease.start();
  const lookAhead = createLookAhead({
    db,
    preflight: cluster.preflight,
    ingressClass: config.ingressClass,
    logger,
    freshMs: { usual: timing.sweepEveryMs.minute, passing: timing.sweepEveryMs.slow },
    now,
  });
  await lookAhead().catch((error: unknown) =>
    logger.warn({ err: error }, 'Whether the cluster has all that stores need could not be found out'),
  );
  const runner = runnerDeps({
    config,
    registryConfig,
    stages,
    db,
    queue,
    cluster,
    lease,
    installationId,
    logger,
  });
  const consumer = await queue.consume((job) => runJob(runner, job), {
    concurrency: config.concurrency,
    onBroken,
  });
  closers.add(async () => {
    const drained = consumer.drain();
    lease.abortAll('its worker stops');
    await drained;
  });
  const leader = startLeader({
    leadership: openLeadership({ url: config.databaseUrl, logger }),
    createSweeps: () =>
      createSweeps(sweepDeps({ db, queue, cluster, timing, logger, lookAhead }), timing.sweepEveryMs),
    logger,
    tickMs: timing.sweepEveryMs.fast,
    now,
  });
  closers.add(() => leader.stop());
};

interface Parts {
  config: WorkerConfig;
  registryConfig: string | undefined;
  stages: readonly Stage[];
  db: Database;
  queue: StageQueue;
  cluster: ConnectedCluster;
  lease: Lease;
  installationId: string;
  logger: Logger;
}

const runnerDeps = ({
  config,
  registryConfig,
  stages,
  cluster,
  installationId,
  ...shared
}: Parts): RunnerDeps => ({
  ...shared,
  stages: new Map(stages.map((stage): [Stage['name'], Stage] => [stage.name, stage])),
  settings: stageSettings({ config, registryConfig, installationId, logger: shared.logger }),
  clusterFor: (held) => guardCluster(cluster, beforeCall(shared.db, shared.lease, held)),
  clusterUid: cluster.uid,
  presence: cluster.presence,
  maxActiveStores: config.maxActiveStores,
  workerName: `process ${process.pid} on ${hostname()}`,
  now,
});

const sweepDeps = ({
  db,
  queue,
  cluster,
  timing,
  logger,
  lookAhead,
}: Pick<Parts, 'db' | 'queue' | 'cluster' | 'logger'> & {
  timing: WorkerTiming;
  lookAhead: () => Promise<void>;
}) => ({
  db,
  queue,
  cluster: clusterView(cluster),
  logger,
  timing,
  now,
  listReadyStoreIds: () => listReadyStoreIds(db, cluster.uid),
  lookAhead,
});
