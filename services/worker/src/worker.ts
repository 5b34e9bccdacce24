import { hostname } from 'node:os';
import { profiles, profileNames } from '@store-platform/shared/config/profiles';
import type { WorkerConfig } from '@store-platform/shared/config/worker-config';
import { openDatabase, type Database } from '@store-platform/shared/db/database';
import { openLeadership } from '@store-platform/shared/db/leader-lock';
import { migrate } from '@store-platform/shared/db/migrate';
import { listReadyStoreIds, readInstallationId } from '@store-platform/shared/db/store-observations';
import { transitionStore } from '@store-platform/shared/db/transition-store';
import type { HeldRun } from '@store-platform/shared/db/workers';
import type { ConnectedCluster } from '@store-platform/shared/kube/cluster';
import { connectCluster } from '@store-platform/shared/kube/connect-cluster';
import { guardCluster } from '@store-platform/shared/kube/guard-cluster';
import { openCluster } from '@store-platform/shared/kube/open-cluster';
import { closeClaim } from '@store-platform/shared/lifecycle/transitions';
import type { Logger } from '@store-platform/shared/log/logger';
import { openStageQueue } from '@store-platform/shared/queue/open-stage-queue';
import type { StageQueue } from '@store-platform/shared/queue/stage-queue';
import { clusterView } from './leader/cluster-view.ts';
import { startLeader } from './leader/leader.ts';
import { createSweeps } from './leader/sweeps.ts';
import { deprovision } from './deprovision.ts';
import { provision } from './provision.ts';
import { createLease, type Lease } from './runner/lease.ts';
import { beforeCall } from './runner/lease-guard.ts';
import { runJob, type RunnerDeps } from './runner/run-job.ts';
import type { Stage, StageSettings } from './runner/stage.ts';
import type { WorkerTiming } from './worker-timing.ts';

export interface WorkerOptions {
  config: WorkerConfig;
  timing: WorkerTiming;
  logger: Logger;
  /** The worker can't go on; its process should end and be started again. */
  onBroken(error: Error): void;
}

export interface Worker {
  /** Hands back what runs, so that another worker carries on at once, and leaves. */
  stop(): Promise<void>;
}

const now = () => performance.now();
const connections = 6;

/** One worker process: it consumes jobs, runs stages, and leads when it is its turn. */
export const startWorker = async ({ config, timing, logger, onBroken }: WorkerOptions): Promise<Worker> => {
  const db = openDatabase({
    url: config.databaseUrl,
    max: connections,
    applicationName: 'store-platform-worker',
    patienceMs: 5000,
    logger,
  });
  await migrate(db);
  const installationId = await readInstallationId(db);
  const cluster = await openCluster({ kubeConfig: connectCluster(config.cluster), installationId, logger });
  const queue = await openStageQueue({ ...config, logger });
  const lease = createLease({
    db,
    logger,
    host: hostname(),
    pid: process.pid,
    beatEveryMs: timing.beatEveryMs,
    deadAfterMs: timing.deadAfterMs,
    handBack: (run, workerId) => handBack(db, run, workerId),
    now,
  });
  await lease.start();
  const runner = runnerDeps({ config, db, queue, cluster, lease, installationId, logger });
  const consumer = await queue.consume((job) => runJob(runner, job), {
    concurrency: config.concurrency,
    onBroken,
  });
  const leader = startLeader({
    leadership: openLeadership({ url: config.databaseUrl, logger }),
    createSweeps: () => createSweeps(sweepDeps({ db, queue, cluster, timing, logger }), timing.sweepEveryMs),
    logger,
    tickMs: timing.sweepEveryMs.fast,
    now,
  });
  return {
    stop: async () => {
      await leader.stop();
      const drained = consumer.drain();
      lease.abortAll('its worker stops');
      await drained;
      await lease.stop();
      await queue.close();
      cluster.close();
      await db.close();
    },
  };
};

/** A claim whose answer was lost: the rows say that this worker runs it, and it doesn't. */
const handBack = async (db: Database, run: HeldRun, workerId: string): Promise<void> => {
  const outcome = { kind: 'handed back', reason: 'the claim was lost on its way' } as const;
  await transitionStore(db, run.storeId, (state) =>
    closeClaim(
      state,
      run.status === 'cancelling' ? { ...run, epoch: run.epoch - 1 } : run,
      workerId,
      outcome,
      0,
    ),
  );
};

interface Parts {
  config: WorkerConfig;
  db: Database;
  queue: StageQueue;
  cluster: ConnectedCluster;
  lease: Lease;
  installationId: string;
  logger: Logger;
}

const runnerDeps = ({ config, db, queue, cluster, lease, installationId, logger }: Parts): RunnerDeps => {
  const stages = new Map(
    [...provision, ...deprovision].map((stage): [Stage['name'], Stage] => [stage.name, stage]),
  );
  return {
    db,
    queue,
    lease,
    stages,
    settings: (profile) => settingsOf(config, installationId, profile),
    clusterFor: (held) => guardCluster(cluster, beforeCall(db, lease, held)),
    clusterUid: cluster.uid,
    maxActiveStores: config.maxActiveStores,
    logger,
    now,
  };
};

/** A store keeps the profile that it was created with. */
const settingsOf = (config: WorkerConfig, installationId: string, profile: string): StageSettings => {
  const name = profileNames.find((known) => known === profile) ?? config.profile.name;
  return {
    installationId,
    profile: profiles[name],
    ingressClass: config.ingressClass,
    ingressNamespace: config.ingressNamespace,
    ingressAddress: config.ingressAddress,
  };
};

const sweepDeps = ({
  db,
  queue,
  cluster,
  timing,
  logger,
}: Pick<Parts, 'db' | 'queue' | 'cluster' | 'logger'> & { timing: WorkerTiming }) => ({
  db,
  queue,
  cluster: clusterView(cluster),
  logger,
  timing,
  now,
  listReadyStoreIds: () => listReadyStoreIds(db, cluster.uid),
});
