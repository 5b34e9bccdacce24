import { provisioningStages, stagePlan } from '../contract/stage.ts';
import {
  isFinished,
  isHeld,
  type NewEvent,
  type RunState,
  type StoreState,
  type Transition,
} from './store-state.ts';

/** Makes a run due: a new dispatch, so that its job gets an id which the queue has not seen. */
export const makeDue = (run: RunState, dueInMs = 0): RunState => ({
  ...run,
  status: 'due',
  workerId: null,
  dispatch: run.dispatch + 1,
  dueInMs,
});

/**
 * Computes from the rows what can run now, and whether the store has arrived. Called at the end of every transition,
 * under the store's lock, so the later of two siblings always sees the other (rule 1 of the design).
 */
export const settle = (state: StoreState, events: readonly NewEvent[]): Transition => {
  const runs = state.runs.map((run) => (canStart(state, run) ? makeDue(run) : run));
  return arrive({ ...state, runs }, events);
};

const canStart = (state: StoreState, run: RunState): boolean => {
  if (run.status !== 'waiting') return false;
  if (run.stage === 'teardown') return !state.runs.some(isHeld) && isFirstTeardown(state, run);
  if (run.generation !== state.generation || state.status !== 'provisioning') return false;
  if (state.runs.some((other) => other.stage === 'teardown' && !isFinished(other))) return false;
  return stagePlan[run.stage].after.every((name) => statusOf(state, name) === 'done');
};

const isFirstTeardown = (state: StoreState, run: RunState): boolean =>
  !state.runs.some(
    (other) => other.stage === 'teardown' && other.generation < run.generation && !isFinished(other),
  );

const statusOf = (state: StoreState, stage: RunState['stage']) =>
  state.runs.find((run) => run.stage === stage && run.generation === state.generation)?.status;

const arrive = (state: StoreState, events: readonly NewEvent[]): Transition => {
  if (
    state.status === 'provisioning' &&
    provisioningStages.every((name) => statusOf(state, name) === 'done')
  ) {
    const ready: NewEvent = {
      type: 'store_ready',
      message: 'The shop is open and sells.',
      severity: 'success',
    };
    return { state: { ...state, status: 'ready' }, events: [...events, ready] };
  }
  if (state.status === 'deleting' && state.runs.every(isFinished)) {
    const deleted: NewEvent = {
      type: 'store_deleted',
      message: 'The store and all its data are gone.',
      severity: 'success',
    };
    return { state: { ...state, status: 'deleted' }, events: [...events, deleted] };
  }
  return { state, events };
};
