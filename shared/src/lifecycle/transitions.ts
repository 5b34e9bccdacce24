import { provisioningStages, stagePlan, type StageName } from '../contract/stage.ts';
import { PlatformError, problems } from '../contract/problem.ts';
import { asSentence } from './as-sentence.ts';
import { outOfTime } from './out-of-time.ts';
import { passesByItself } from './passes-by-itself.ts';
import { makeDue, settle } from './settle.ts';
import {
  isFinished,
  type ClaimRef,
  type Failure,
  type NewEvent,
  type Outcome,
  type RunState,
  type StoreState,
  type Transition,
} from './store-state.ts';

/** So many deaths of workers in one stage are the stage's doing, not the machine's. */
export const maxDeaths = 10;

const newRun = (generation: number, stage: StageName, dispatch = 0): RunState => ({
  generation,
  stage,
  status: 'waiting',
  epoch: 0,
  workerId: null,
  attempt: 1,
  deaths: 0,
  sameFailures: 0,
  dispatch,
  watchedMs: 0,
  error: null,
});

/** A new store: all runs of its first generation, those that can start already due. */
export const openStore = (): Transition =>
  settle(
    {
      status: 'provisioning',
      desiredState: 'present',
      generation: 1,
      failure: null,
      runs: provisioningStages.map((stage) => newRun(1, stage)),
    },
    [{ type: 'store_created', message: 'The store was accepted.', severity: 'info' }],
  );

/**
 * Closes one claim.
 * @param watchedMs how long the worker watched during this claim.
 * @returns undefined when the claim is no longer the row's: then nothing may change.
 */
export const closeClaim = (
  state: StoreState,
  claim: ClaimRef,
  workerId: string,
  outcome: Outcome,
  watchedMs: number,
): Transition | undefined => {
  const run = findRun(state, claim);
  if (!run || run.workerId !== workerId) return undefined;
  // A cancellation raised the epoch; whatever its old holder reports is its acknowledgement.
  if (run.status === 'cancelling' && run.epoch === claim.epoch + 1)
    return settle(replace(state, cancelled(run)), []);
  if (run.status !== 'running' || run.epoch !== claim.epoch) return undefined;
  const closed = { ...run, watchedMs: run.watchedMs + watchedMs };
  if (outcome.kind === 'done') return closeDone(state, closed);
  if (outcome.kind === 'handed back') return handBack(state, closed, outcome.reason);
  return closeFailed(state, closed, outcome);
};

/** The leader's verdict on a worker that stood still: its runs go back, cancelled ones count as acknowledged. */
export const workerDied = (
  state: StoreState,
  claim: ClaimRef,
  workerId: string,
  watchedMs: number,
): Transition | undefined => {
  const run = findRun(state, claim);
  if (!run || run.workerId !== workerId || run.epoch !== claim.epoch) return undefined;
  if (run.status === 'cancelling') return settle(replace(state, cancelled(run)), []);
  if (run.status !== 'running') return undefined;
  const orphan = { ...run, deaths: run.deaths + 1, watchedMs: run.watchedMs + watchedMs };
  const title = stagePlan[run.stage].title;
  if (orphan.deaths >= maxDeaths && run.stage !== 'teardown') {
    return failStore(state, orphan, {
      code: 'stage_poisoned',
      message: `${title}: ${maxDeaths} workers died over it.`,
      hint: problems.stage_poisoned.hint,
    });
  }
  const event = ofRun(
    orphan,
    'worker_died',
    'The worker of this stage died; another one carries on.',
    'warning',
  );
  return settle(replace(state, makeDue(orphan)), [event]);
};

/** Delete wins (rule 5). Asked again it changes nothing. */
export const requestDelete = (state: StoreState): Transition => {
  if (state.desiredState === 'absent') return { state, events: [] };
  const stopped = stopAll({ ...state, desiredState: 'absent', status: 'deleting' });
  return settle(withTeardown(stopped), [
    { type: 'delete_requested', message: 'Deletion started.', severity: 'info' },
  ]);
};

/**
 * A failed store starts again, on clean ground: its first stage waits for the old generation's clean-up.
 * @throws PlatformError `not_failed`
 */
export const requestRetry = (state: StoreState): Transition => {
  if (state.status !== 'failed') {
    throw new PlatformError('not_failed', `The store is ${state.status}, so there is nothing to retry.`);
  }
  const generation = state.generation + 1;
  const runs = [...state.runs, ...provisioningStages.map((stage) => newRun(generation, stage))];
  return settle({ ...state, status: 'provisioning', generation, failure: null, runs }, [
    {
      type: 'retry_requested',
      message: `Retry: provisioning starts again from clean ground.`,
      severity: 'info',
    },
  ]);
};

/** A namespace of a store that is failed or deleted came up again: clean up once more. The status stays. */
export const reopenTeardown = (state: StoreState): Transition | undefined => {
  if (state.status !== 'failed' && state.status !== 'deleted') return undefined;
  if (state.runs.some((run) => !isFinished(run))) return undefined;
  return settle(withTeardown(state), [
    {
      type: 'namespace_returned',
      message: 'Its namespace was there again; it is removed.',
      severity: 'warning',
    },
  ]);
};

const closeDone = (state: StoreState, run: RunState): Transition =>
  settle(replace(state, { ...run, status: 'done', workerId: null, error: null }), [
    ofRun(run, 'stage_done', `${stagePlan[run.stage].title}: done.`, 'success'),
  ]);

const handBack = (state: StoreState, run: RunState, reason: string): Transition =>
  settle(replace(state, makeDue(run)), [ofRun(run, 'stage_handed_back', `Handed back: ${reason}.`, 'info')]);

const closeFailed = (
  state: StoreState,
  run: RunState,
  { failure, retryable, retryInMs }: Extract<Outcome, { kind: 'failed' }>,
): Transition => {
  const { title, attempts, timeoutMs } = stagePlan[run.stage];
  const isSame = run.error !== null && isSameWords(run.error, failure.message);
  const sameFailures = isSame ? run.sameFailures + 1 : 1;
  if (run.stage !== 'teardown') {
    const isHopeless = !passesByItself(failure.code) && sameFailures >= attempts;
    if (!retryable || isHopeless) return failStore(state, run, failure);
    // Nobody watches during a back-off; without it in the count one that fails at once would go on for hours.
    if (run.watchedMs + retryInMs >= timeoutMs) return failStore(state, run, outOfTime(timeoutMs, failure));
  }
  const due = makeDue(
    {
      ...run,
      attempt: run.attempt + 1,
      watchedMs: run.watchedMs + retryInMs,
      error: failure.message,
      sameFailures,
    },
    retryInMs,
  );
  const next = `Next try in ${Math.max(1, Math.round(retryInMs / 1000))} s.`;
  const event = ofRun(
    run,
    'stage_failed',
    `${title}, attempt ${run.attempt}: ${asSentence(failure.message)} ${next}`,
    'warning',
  );
  // A clean-up is tried for ever: told each time, the same would fill the store's history.
  return settle(replace(state, due), run.stage === 'teardown' && isSame ? [] : [event]);
};

/** Apart from numbers: how long something took, which process it was. */
const isSameWords = (one: string, other: string): boolean => withoutNumbers(one) === withoutNumbers(other);

const withoutNumbers = (text: string): string => text.replaceAll(/\d+/g, '#');

/** The first failure is the store's reason; siblings stop; cleaning up starts when none runs. */
const failStore = (state: StoreState, run: RunState, failure: Failure): Transition => {
  const failed = replace(state, { ...run, status: 'failed', workerId: null, error: failure.message });
  const stopped = stopAll({ ...failed, status: 'failed', failure });
  return settle(withTeardown(stopped), [
    ofRun(
      run,
      'store_failed',
      `${stagePlan[run.stage].title}: ${asSentence(failure.message)} ${failure.hint}`,
      'error',
    ),
  ]);
};

const stopAll = (state: StoreState): StoreState => ({ ...state, runs: state.runs.map(stop) });

const stop = (run: RunState): RunState => {
  if (run.stage === 'teardown' || isFinished(run)) return run;
  if (run.status === 'running') return { ...run, status: 'cancelling', epoch: run.epoch + 1 };
  return run.status === 'cancelling' ? run : cancelled(run);
};

const cancelled = (run: RunState): RunState => ({ ...run, status: 'cancelled', workerId: null });

/** One teardown a generation: made, or opened again when it had finished. */
const withTeardown = (state: StoreState): StoreState => {
  const existing = state.runs.find((run) => run.stage === 'teardown' && run.generation === state.generation);
  if (!existing) return { ...state, runs: [...state.runs, newRun(state.generation, 'teardown')] };
  if (!isFinished(existing)) return state;
  return replace(state, {
    ...newRun(state.generation, 'teardown', existing.dispatch),
    epoch: existing.epoch,
  });
};

const findRun = (state: StoreState, { generation, stage }: ClaimRef): RunState | undefined =>
  state.runs.find((run) => run.generation === generation && run.stage === stage);

const replace = (state: StoreState, next: RunState): StoreState => ({
  ...state,
  runs: state.runs.map((run) =>
    run.generation === next.generation && run.stage === next.stage ? next : run,
  ),
});

const ofRun = (run: RunState, type: string, message: string, severity: NewEvent['severity']): NewEvent => ({
  type,
  message,
  severity,
  stage: run.stage,
  attempt: run.attempt,
});
