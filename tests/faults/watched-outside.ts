import { AsyncLocalStorage } from 'node:async_hooks';
import type { StageJob } from '@store-platform/shared/contract/job';
import { openDatabase, type Database } from '@store-platform/shared/db/database';
import type { ConnectedCluster } from '@store-platform/shared/kube/cluster';
import type { WatchTiming } from '@store-platform/shared/kube/cluster-watch';
import { openCluster } from '@store-platform/shared/kube/open-cluster';
import { openStageQueue } from '@store-platform/shared/queue/open-stage-queue';
import type { StageQueue } from '@store-platform/shared/queue/stage-queue';
import type { Outside } from '../../services/worker/src/worker.ts';
import type { Point } from './point.ts';

/** One delivery of a job, and which moments it has passed. */
interface Run {
  readonly job: StageJob;
  readonly passed: Map<string, number>;
  claimed: boolean;
}

/**
 * The database, the cluster and the queue as a worker has them, with a look at each moment of a stage. The runner itself
 * knows nothing of it: what it asks for while it handles a job tells where it is.
 * @param at may never return, or throw in place of an answer
 */
export const watchedOutside = (at: (point: Point) => Promise<void>, watchTiming: WatchTiming): Outside => {
  const current = new AsyncLocalStorage<Run>();

  const reach = async (moment: string): Promise<void> => {
    const run = current.getStore();
    if (!run) return;
    const times = (run.passed.get(moment) ?? 0) + 1;
    run.passed.set(moment, times);
    const { storeId, stage } = run.job;
    await at({ storeId, stage, moment: times > 1 ? `${moment} #${times}` : moment });
  };

  const around = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    await reach(`before ${name}`);
    const answer = await call();
    await reach(`after ${name}`);
    return answer;
  };

  const watchedDatabase = (db: Database): Database => ({
    ...db,
    // The first question of a delivery is its claim.
    query: async (text, values) => {
      const rows = await db.query(text, values);
      const run = current.getStore();
      if (run && !run.claimed) {
        run.claimed = true;
        if (rows.length > 0) await reach('claimed');
      }
      return rows;
    },
    // The one transaction of a delivery closes its claim.
    transaction: async (work) => {
      await reach('ran');
      const result = await db.transaction(work);
      await reach('committed');
      return result;
    },
  });

  const watchedCluster = (cluster: ConnectedCluster): ConnectedCluster => ({
    ...cluster,
    apply: (manifest, ...rest) => around(`apply ${manifest.kind}`, () => cluster.apply(manifest, ...rest)),
    create: (manifest, ...rest) => around(`create ${manifest.kind}`, () => cluster.create(manifest, ...rest)),
    get: (ref, ...rest) => around(`get ${ref.kind}`, () => cluster.get(ref, ...rest)),
    delete: (ref, ...rest) => around(`delete ${ref.kind}`, () => cluster.delete(ref, ...rest)),
    exec: (request) => around('exec', () => cluster.exec(request)),
  });

  const watchedQueue = (queue: StageQueue): StageQueue => ({
    ...queue,
    consume: (handler, options) =>
      queue.consume(
        (delivered) =>
          current.run({ job: delivered.job, passed: new Map(), claimed: false }, async () => {
            try {
              await handler(delivered);
            } finally {
              if (current.getStore()?.passed.has('committed')) await reach('ended');
            }
          }),
        options,
      ),
  });

  return {
    openDatabase: (options) => watchedDatabase(openDatabase(options)),
    openCluster: async (options) => watchedCluster(await openCluster({ ...options, watchTiming })),
    openStageQueue: async (options) => watchedQueue(await openStageQueue(options)),
  };
};
