import { stageJobId, type StageJob } from '@store-platform/shared/contract/job';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { stagePlan } from '@store-platform/shared/contract/stage';
import type { Database } from '@store-platform/shared/db/database';
import { deleteStore, retryStore } from '@store-platform/shared/db/stores';
import { lockStore } from '@store-platform/shared/db/transition-store';
import type { StoreState } from '@store-platform/shared/lifecycle/store-state';
import { StageFailure } from '@store-platform/shared/queue/stage-queue';
import { createFakeQueue } from '@store-platform/shared/testing/fake-queue';
import { insertSampleStore } from '@store-platform/shared/testing/sample-store';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { expectLife, expectUnchanged } from '@store-platform/shared/testing/store-model/expect-life';
import { pickFrom, workersOfHistory, type Step } from '@store-platform/shared/testing/store-model/history';
import {
  deleteAsked,
  died,
  ended,
  granted,
  isFinal,
  keyOf,
  namespaceReturned,
  newModel,
  retried,
  type ModelClaim,
  type ModelOutcome,
  type StoreModel,
} from '@store-platform/shared/testing/store-model/store-model';
import type { SeenNamespace } from '@store-platform/shared/db/store-observations';
import { createSweeps } from '../leader/sweeps.ts';
import { handBackLost } from '../runner/hand-back-lost.ts';
import { createLease, type Lease } from '../runner/lease.ts';
import { runJob, type RunnerDeps } from '../runner/run-job.ts';
import type { Stage } from '../runner/stage.ts';
import { createFakeCluster } from './fake-cluster.ts';
import { createFakePresence } from './fake-presence.ts';
import { stageContext } from './run-stage.ts';

const deadAfterMs = 8000;
const maxActiveStores = 1_000_000;

/** A worker's process, as far as it matters here. */
interface Process {
  readonly lease: Lease;
  /** Its heartbeats under this id, as the row counts them. */
  beats: number;
  /** Declared dead, and doesn't know it yet. */
  isBuried: boolean;
}

/** A claim in a process: its stage waits for the history to say how it ends. */
interface OpenClaim extends Omit<ModelClaim, 'revoked'> {
  readonly process: Process;
  readonly beatsAtClaim: number;
  end(outcome: ModelOutcome, reason: string): void;
  /** Resolves when the job is over. */
  readonly over: Promise<unknown>;
}

/** What all histories share: one database, one leader. Each has a store and workers of its own. */
export const createRunnerRig = (db: Database) => {
  const queue = createFakeQueue();
  const clock = { now: 0 };
  const view: { namespaces: SeenNamespace[] } = { namespaces: [] };
  const sweeps = createSweeps(
    {
      db,
      queue,
      logger: silentLogger,
      cluster: { uid: 'c', namespaces: () => view.namespaces, seeShops: () => undefined },
      timing: { deadAfterMs, unclaimedAfterMs: 0 },
      now: () => clock.now,
      listReadyStoreIds: async () => [],
      lookAhead: async () => {},
    },
    { fast: 0, slow: 0, minute: 0, rare: 0 },
  );
  const sweep = async (name: string): Promise<void> => {
    const found = sweeps.find((one) => one.name === name);
    if (!found) throw new Error(`No sweep is named ${name}`);
    await found.run();
  };
  const depsOf = (lease: Lease, stages: RunnerDeps['stages']): RunnerDeps => ({
    db,
    queue,
    lease,
    stages,
    settings: () => stageContext().context.settings,
    clusterFor: () => createFakeCluster().cluster,
    clusterUid: 'c',
    presence: createFakePresence().presence,
    maxActiveStores,
    workerName: 'process 1 on here',
    logger: silentLogger,
    // Stages take no time; what a dead worker watched is counted by its heartbeats.
    now: () => 0,
  });
  const startProcess = async (): Promise<Process> => {
    const lease = createLease({
      db,
      logger: silentLogger,
      host: 'here',
      pid: 1,
      beatEveryMs: 1_000_000,
      deadAfterMs,
      handBack: (run, workerId) => handBackLost(db, run, workerId),
      now: () => clock.now,
    });
    await lease.start();
    return { lease, beats: 0, isBuried: false };
  };
  return { db, queue, clock, view, sweep, depsOf, startProcess };
};

type Rig = ReturnType<typeof createRunnerRig>;

/** Starts a job, and waits until its stage runs or the job is over. */
const startJob = async (rig: Rig, { lease }: Process, job: StageJob, attemptsMade = 0) => {
  let begin: (end: OpenClaim['end']) => void = () => {};
  const begun = new Promise<OpenClaim['end']>((resolve) => (begin = resolve));
  const run: Stage['run'] = ({ signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      begin((outcome, reason) => (outcome === 'done' ? resolve() : reject(faultOf(outcome, reason))));
    });
  const { after, attempts } = stagePlan[job.stage];
  const stage: Stage = { name: job.stage, after, attempts, timeoutMs: Infinity, backoffMs: () => 0, run };
  const deps = rig.depsOf(lease, new Map([[job.stage, stage]]));
  const delivered = { id: stageJobId(job), job, attemptsMade, log: async () => {} };
  const over = runJob(deps, delivered).catch((error: unknown) => {
    if (!(error instanceof StageFailure)) throw error;
  });
  return { over, end: await Promise.race([begun, over.then(() => undefined)]) };
};

const faultOf = (outcome: Exclude<ModelOutcome, 'done'>, reason: string): PlatformError => {
  if (outcome === 'handed back') return new PlatformError('database_away', reason);
  return new PlatformError(outcome === 'may heal' ? 'exec_failed' : 'image_pull_failed', reason);
};

/** One store in the rig beside its model. */
export const openRunnerLife = async (rig: Rig) => {
  const { db } = rig;
  const storeId = await insertSampleStore(db, { maxActive: maxActiveStores });
  const read = async (): Promise<StoreState> => {
    const state = await lockStore(db, storeId);
    if (!state) throw new Error('The store is gone.');
    return state;
  };
  const life = { state: await read(), model: newModel };
  const workers: Process[] = [];
  for (let made = 0; made < workersOfHistory; made += 1) workers.push(await rig.startProcess());
  const claims = new Set<OpenClaim>();
  const everClaimed: OpenClaim[] = [];

  const go = async (model: StoreModel, { isSame = model === life.model } = {}) => {
    await rig.sweep('send what is due');
    const state = await read();
    if (isSame) expectUnchanged(life.state, state);
    expectLife(model, life.state, state);
    Object.assign(life, { state, model });
  };
  const workerAt = (index: number): Process => {
    const found = workers[index];
    if (!found) throw new Error(`There is no worker ${index}`);
    return found;
  };
  const jobs = () => rig.queue.added.filter((job) => job.storeId === storeId);

  const deliver = async (job: StageJob | undefined, process: Process) => {
    if (!job) return;
    const run = life.state.runs.find((it) => keyOf(it) === keyOf(job));
    const { over, end } = await startJob(rig, process, job);
    if (run?.status !== 'due' || run.dispatch !== job.dispatch || process.isBuried) return go(life.model);
    const { generation, stage } = job;
    const claim = { generation, stage, epoch: run.epoch + 1, workerId: process.lease.workerId() };
    await go(granted(life.model, claim));
    if (!end) throw new Error('The stage was claimed and did not run.');
    const open = { ...claim, process, beatsAtClaim: process.beats, over, end };
    claims.add(open);
    everClaimed.push(open);
  };
  const awaitEnd = async (
    claim: OpenClaim,
    model: StoreModel,
    outcome: ModelOutcome,
    reason = '',
  ): Promise<StoreModel> => {
    await claim.over;
    claims.delete(claim);
    return ended(model, { ...claim, outcome, reason, watchedMs: 0 });
  };
  const report = async (claim: OpenClaim | undefined, outcome: ModelOutcome) => {
    if (!claim || !claims.has(claim)) return;
    const reason = `${keyOf(claim)} broke under ${claim.epoch}`;
    claim.end(outcome, reason);
    await go(await awaitEnd(claim, life.model, outcome, reason));
  };
  /** Its claims that are lost end; one that was buried takes another id, and loses them all. */
  const beat = async (process: Process, from: StoreModel): Promise<StoreModel> => {
    let model = from;
    const isKept = (claim: OpenClaim) =>
      !process.isBuried &&
      model.claims.some(
        (held) => !held.revoked && keyOf(held) === keyOf(claim) && held.epoch === claim.epoch,
      );
    const lost = [...claims].filter((claim) => claim.process === process && !isKept(claim));
    await process.lease.beatOnce();
    for (const claim of lost) model = await awaitEnd(claim, model, 'handed back');
    process.beats = process.isBuried ? 0 : process.beats + 1;
    process.isBuried = false;
    return model;
  };
  const bury = async (process: Process) => {
    if (process.isBuried) return;
    await rig.sweep('judge workers');
    rig.clock.now += deadAfterMs;
    let { model } = life;
    for (const other of workers) if (other !== process && !other.isBuried) model = await beat(other, model);
    await rig.sweep('judge workers');
    await rig.sweep('rescue runs of dead workers');
    process.isBuried = true;
    for (const claim of claims) {
      if (claim.process !== process) continue;
      const held = model.claims.find((it) => keyOf(it) === keyOf(claim) && it.epoch === claim.epoch);
      if (!held) continue;
      const watchedMs = (process.beats - claim.beatsAtClaim) * 1000;
      model = died(model, { ...claim, epoch: held.revoked ? held.epoch + 1 : held.epoch, watchedMs });
    }
    await go(model);
  };
  const drain = async (index: number) => {
    const process = workerAt(index);
    process.lease.abortAll('its worker stops');
    let { model } = life;
    for (const claim of claims)
      if (claim.process === process) model = await awaitEnd(claim, model, 'handed back');
    await process.lease.stop();
    workers[index] = await rig.startProcess();
    await go(model);
  };
  const retry = async () => {
    const model = retried(life.model);
    const refusal = await retryStore(db, storeId, { maxActive: maxActiveStores }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!model && !(refusal instanceof PlatformError)) throw new Error('A retry was not refused.');
    if (model && refusal) throw refusal;
    await go(model ?? life.model);
  };
  /** Means the store's failure when it is of the run that failed it, and otherwise nothing. */
  const retryOnBoard = async (job: StageJob | undefined) => {
    const run = job && life.state.runs.find((it) => keyOf(it) === keyOf(job));
    // What is due would just be claimed: that is a delivery.
    if (!job || !run || run.status === 'due') return;
    const { over } = await startJob(rig, workerAt(0), job, 1);
    await over;
    const isItsFailure =
      run.status === 'failed' && run.dispatch === job.dispatch && run.generation === life.model.generation;
    await go((isItsFailure ? retried(life.model) : undefined) ?? life.model);
  };
  const returnNamespace = async () => {
    rig.view.namespaces = [{ name: storeId, generation: life.model.generation }];
    await rig.sweep('remove namespaces that came back');
    rig.view.namespaces = [];
    await go(namespaceReturned(life.model));
  };
  const loseQueue = async () => {
    rig.queue.forget();
    await rig.sweep('find lost jobs');
    // What was due has another dispatch now.
    await go(life.model, { isSame: false });
  };
  const play = async (step: Step): Promise<void> => {
    switch (step.do) {
      case 'deliver':
        return deliver(pickFrom(jobs(), step.job), workerAt(step.worker));
      case 'report':
        return report(pickFrom(everClaimed, step.claim), step.outcome);
      case 'bury':
        return bury(pickFrom(everClaimed, step.claim)?.process ?? workerAt(0));
      case 'delete':
        await deleteStore(db, storeId);
        return go(deleteAsked(life.model));
      case 'retry':
        return retry();
      case 'board retry':
        return retryOnBoard(pickFrom(jobs(), step.job));
      case 'namespace returns':
        return returnNamespace();
      case 'beat':
        return go(await beat(workerAt(step.worker), life.model));
      case 'drain':
        return drain(step.worker);
      case 'queue lost':
        return loseQueue();
    }
  };
  /** Every worker beats, whoever holds something reports, every job arrives. */
  const finish = async () => {
    for (let round = 0; !isFinal(life.model); round += 1) {
      if (round > 50) throw new Error('The store comes to no end.');
      for (const process of workers) await go(await beat(process, life.model));
      for (const claim of claims) await report(claim, 'done');
      const due = jobs().filter((job) =>
        life.state.runs.some(
          (run) => run.status === 'due' && keyOf(run) === keyOf(job) && run.dispatch === job.dispatch,
        ),
      );
      for (const job of due) await deliver(job, workerAt(round % workersOfHistory));
    }
  };
  const close = async () => {
    for (const { lease } of workers) lease.abortAll('its worker stops');
    await Promise.allSettled([...claims].map(({ over }) => over));
    for (const { lease } of workers) await lease.stop();
  };
  return { storeId, life, play, finish, close };
};
