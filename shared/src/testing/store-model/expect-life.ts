import { isDeepStrictEqual } from 'node:util';
import { isFinished, type RunState, type StoreState } from '../../lifecycle/store-state.ts';
import { isFinal, keyOf, mustBeDue, statusOf, tallyOf, type StoreModel } from './store-model.ts';

const inOrder = (one: string, other: string): number => Number(one > other) - Number(one < other);

/** A state without what a transition says only for the moment. */
const lasting = (state: StoreState): StoreState => ({
  ...state,
  runs: state.runs
    .map((run) => ({ ...run, dueInMs: 0 }))
    .toSorted((one, other) => inOrder(keyOf(one), keyOf(other))),
});

/** @throws Error that shows what differs. */
export const expectUnchanged = (before: StoreState, after: StoreState): void => {
  const [was, is] = [lasting(before), lasting(after)];
  const differing = (runs: readonly RunState[], others: readonly RunState[]) =>
    runs.filter((run) => !others.some((other) => isDeepStrictEqual(run, other)));
  if (isDeepStrictEqual(was, is)) return;
  expectSame(
    'what must change nothing',
    { ...was, runs: differing(was.runs, is.runs) },
    { ...is, runs: differing(is.runs, was.runs) },
  );
};

/**
 * What must hold after each step, whatever the history.
 * @throws Error that shows what the model expects and what is there.
 */
export const expectLife = (model: StoreModel, before: StoreState, after: StoreState): void => {
  expectSame('the store', wantedStore(model), seenStore(after));
  expectSame('what is due', mustBeDue(model).map(keyOf).toSorted(), keysOf(after, 'due'));
  expectSame('who holds what', wantedClaims(model), seenClaims(after));
  for (const run of after.runs) expectRun(model, run);
  for (const run of before.runs) expectOnward(run, after);
  if (isFinal(model)) expectSame('what is open in a final state', [], openIn(after));
  else if (keysOf(after, 'due').length + seenClaims(after).length === 0)
    throw new Error('The store is stuck.');
};

const wantedStore = (model: StoreModel) => ({
  status: statusOf(model),
  generation: model.generation,
  desiredState: model.deleteAsked ? 'absent' : 'present',
  reason: model.reason,
});

const seenStore = ({ status, generation, desiredState, failure }: StoreState) => ({
  status,
  generation,
  desiredState,
  reason: failure?.code === 'stage_poisoned' ? 'poison' : failure?.message,
});

const wantedClaims = (model: StoreModel) =>
  model.claims
    .map(({ epoch, revoked, workerId, ...run }) => ({
      run: keyOf(run),
      workerId,
      status: revoked ? 'cancelling' : 'running',
      epoch: revoked ? epoch + 1 : epoch,
    }))
    .toSorted((one, other) => inOrder(one.run, other.run));

const seenClaims = (state: StoreState) =>
  state.runs
    .filter(({ workerId }) => workerId !== null)
    .map(({ workerId, status, epoch, ...run }) => ({ run: keyOf(run), workerId, status, epoch }))
    .toSorted((one, other) => inOrder(one.run, other.run));

const keysOf = (state: StoreState, status: RunState['status']): string[] =>
  state.runs
    .filter((run) => run.status === status)
    .map(keyOf)
    .toSorted();

const openIn = (state: StoreState): string[] => state.runs.filter((run) => !isFinished(run)).map(keyOf);

const expectRun = (model: StoreModel, run: RunState): void => {
  const { failures, deaths, watchedMs } = tallyOf(model, run);
  // The failure that ended it raised no attempt.
  const seen = { attempt: run.attempt, deaths: run.deaths, watchedMs: run.watchedMs };
  expectSame(`what ${keyOf(run)} went through`, { attempt: failures + 1, deaths, watchedMs }, seen);
};

/** Rows stay, and their numbers only grow; what becomes due anew does so under a job that the queue has not seen. */
const expectOnward = (before: RunState, after: StoreState): void => {
  const run = after.runs.find((other) => keyOf(other) === keyOf(before));
  const grows = run && run.epoch >= before.epoch && run.dispatch >= before.dispatch;
  const isNewJob = run?.status !== 'due' || before.status === 'due' || run.dispatch > before.dispatch;
  if (!grows || !isNewJob) throw new Error(`${keyOf(before)} went back: ${show(before)} → ${show(run)}`);
};

const expectSame = (what: string, wanted: unknown, seen: unknown): void => {
  if (!isDeepStrictEqual(wanted, seen))
    throw new Error(`${what}:\n  expected ${show(wanted)}\n  seen     ${show(seen)}`);
};

const show = (value: unknown): string => JSON.stringify(value);
