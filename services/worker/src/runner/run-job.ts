import { PlatformError } from '@store-platform/shared/contract/problem';
import type { StageName } from '@store-platform/shared/contract/stage';
import type { Database } from '@store-platform/shared/db/database';
import { insertStageEvent } from '@store-platform/shared/db/events';
import { claimRun, isRetryByPerson, markWatching } from '@store-platform/shared/db/stage-runs';
import { recordNamespaceUid } from '@store-platform/shared/db/store-observations';
import { retryStore } from '@store-platform/shared/db/stores';
import { sendDue } from '@store-platform/shared/dispatch/send-due';
import type { Outcome } from '@store-platform/shared/lifecycle/store-state';
import type { Logger } from '@store-platform/shared/log/logger';
import { StageFailure, type DeliveredJob, type StageQueue } from '@store-platform/shared/queue/stage-queue';
import type { Cluster, ClusterPresence } from '@store-platform/shared/kube/cluster';
import { executeStage } from './execute-stage.ts';
import type { HeldClaim, Lease } from './lease.ts';
import { recordOutcome } from './record-outcome.ts';
import { startStageClock, type StageClock } from './stage-clock.ts';
import type { Stage, StageContext, StageSettings } from './stage.ts';
import { tellAbsence } from './tell-absence.ts';

export interface RunnerDeps {
  db: Database;
  queue: Pick<StageQueue, 'add'>;
  lease: Lease;
  stages: ReadonlyMap<StageName, Stage>;
  settings: (profile: string) => StageSettings;
  /** The cluster as this claim may use it: guarded by its lease and epoch. */
  clusterFor: (held: HeldClaim) => Cluster;
  /** UID of the kube-system namespace. */
  clusterUid: string;
  presence: ClusterPresence;
  maxActiveStores: number;
  /** As people find the process, e.g. `process 4711 on shop-host`. */
  workerName: string;
  logger: Logger;
  /** Monotonic milliseconds. */
  now(): number;
}

/**
 * Takes a job as the hint that it is: claim → run → close → send what became due.
 * @throws StageFailure when the stage failed, so that the queue board shows the job as failed.
 */
export const runJob = async (deps: RunnerDeps, delivered: DeliveredJob): Promise<void> => {
  const workerId = deps.lease.workerId();
  const claim = await claimRun(deps.db, delivered.job, {
    id: workerId,
    cluster: deps.clusterUid,
    failedDeliveries: delivered.attemptsMade,
  });
  if (!claim) return refused(deps, delivered);
  const stage = deps.stages.get(claim.stage);
  if (!stage) throw new Error(`No stage is named ${claim.stage}`);
  const held = deps.lease.hold(claim, workerId);
  const { presence, now } = deps;
  const clock = startStageClock({ limitMs: stage.timeoutMs - claim.watchedMs, presence, now });
  try {
    const outcome = await execute(deps, { held, stage, clock }, delivered);
    await delivered.log(`attempt ${claim.attempt}, ${deps.workerName}: ${describe(outcome)}`);
    await conclude(deps, held, outcome, clock.watchedMs(), delivered);
  } finally {
    clock.stop();
    deps.lease.release(held);
  }
};

/**
 * Closes the claim and sends what became due. Once a stage has failed, whatever goes wrong here ends the job as failed
 * all the same: delivered again it would look like a person's retry.
 */
const conclude = async (
  deps: RunnerDeps,
  held: HeldClaim,
  outcome: Outcome,
  watchedMs: number,
  { log }: DeliveredJob,
): Promise<void> => {
  const { claim } = held;
  try {
    const result = await recordOutcome(deps.db, deps.lease, held, outcome, watchedMs);
    if (result === 'dropped') {
      deps.logger.info({ claim }, 'The run had moved on; its outcome is dropped');
      return await log('The run had moved on; this outcome is dropped.');
    }
    await sendDue(deps, claim.storeId);
  } catch (error) {
    if (outcome.kind !== 'failed') throw error;
    deps.logger.error({ err: error, claim }, 'The end of a failed stage could not be written whole');
  }
  if (outcome.kind === 'failed') throw new StageFailure(outcome.failure.message);
};

const describe = (outcome: Outcome): string => {
  if (outcome.kind === 'failed') return `failed: ${outcome.failure.message}`;
  return outcome.kind === 'done' ? 'done' : `handed back: ${outcome.reason}`;
};

/** A refused claim is no fault: the job was old, or someone else was first. Or it is a person's retry on the board. */
const refused = async (deps: RunnerDeps, { job, attemptsMade, log }: DeliveredJob): Promise<void> => {
  if (!(await isRetryByPerson(deps.db, job, attemptsMade))) {
    deps.logger.debug({ job }, 'Nothing to claim');
    return log('Nothing to do: this run is done, taken, cancelled or was sent again.');
  }
  try {
    await retryStore(deps.db, job.storeId, { maxActive: deps.maxActiveStores });
  } catch (error) {
    // The limit is reached: the job fails once more, with the sentence, and can be retried later.
    if (error instanceof PlatformError && error.code === 'store_limit') throw new StageFailure(error.message);
    // Another person's retry came first.
    if (error instanceof PlatformError && error.code === 'not_failed') return log(error.message);
    throw error;
  }
  await sendDue(deps, job.storeId);
  await log('Retried from the queue board: the store starts a new generation.');
};

interface Executed {
  readonly held: HeldClaim;
  readonly stage: Stage;
  readonly clock: StageClock;
}

const execute = async (
  deps: RunnerDeps,
  { held, stage, clock }: Executed,
  delivered: DeliveredJob,
): Promise<Outcome> => {
  const { presence, logger, now } = deps;
  const { claim, signal, workerId } = held;
  const context = contextOf(deps, held, delivered);
  const teller = tellAbsence({
    presence,
    note: context.note,
    markWatching: (isWatching) => markWatching(deps.db, workerId, claim, isWatching, clock.watchedMs()),
    logger,
  });
  const outcome = await executeStage({
    stage,
    context,
    signal,
    attempt: claim.attempt,
    clock,
    presence,
    logger,
    now,
  });
  await teller.stop();
  return outcome;
};

const contextOf = (
  deps: RunnerDeps,
  held: HeldClaim,
  { log }: DeliveredJob,
): Omit<StageContext, 'signal'> => {
  const { claim, workerId } = held;
  const lost = (kept: boolean) => {
    if (!kept) throw new PlatformError('internal', 'This worker no longer holds the stage.');
  };
  return {
    store: claim,
    cluster: deps.clusterFor(held),
    settings: deps.settings(claim.profile),
    note: async (message, severity = 'info') => {
      await log(message);
      lost(await insertStageEvent(deps.db, workerId, claim, { message, severity }));
    },
    recordNamespaceUid: async (uid) => lost(await recordNamespaceUid(deps.db, workerId, claim, uid)),
  };
};
