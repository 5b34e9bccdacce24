import { expect, it } from 'vitest';
import { PlatformError } from '../contract/problem.ts';
import { checkHistories } from '../testing/store-model/check-histories.ts';
import { expectLife, expectUnchanged } from '../testing/store-model/expect-life.ts';
import { pickFrom, workersOfHistory, type Step } from '../testing/store-model/history.ts';
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
  statusOf,
  type ModelClaim,
  type ModelOutcome,
  type RunRef,
  type StoreModel,
} from '../testing/store-model/store-model.ts';
import { isHeld, type Outcome, type StoreState, type Transition } from './store-state.ts';
import {
  closeClaim,
  openStore,
  reopenTeardown,
  requestDelete,
  requestRetry,
  workerDied,
} from './transitions.ts';

type Claim = Omit<ModelClaim, 'revoked'>;
const watchedMs = 7;

const outcomeOf = (kind: ModelOutcome, reason: string): Outcome =>
  kind === 'done' || kind === 'handed back'
    ? { kind, reason }
    : {
        kind: 'failed',
        failure: { code: 'exec_failed', message: reason, hint: '' },
        retryable: kind === 'may heal',
        retryInMs: 0,
      };

/** One store beside its model, from its creation on. */
const openLife = () => {
  const life = { state: openStore().state, model: newModel };
  const claims: Claim[] = [];
  /** Each as some leader once saw it: two of them, or a slow one, judge by what is long past. */
  const sightings: Claim[] = [];
  const jobs: (RunRef & { dispatch: number })[] = [];
  const known = new Set<string>();

  const go = (model: StoreModel, transition: Transition | undefined) => {
    const before = life.state;
    life.state = transition?.state ?? before;
    if (model === life.model) expectUnchanged(before, life.state);
    expectLife(model, before, life.state);
    life.model = model;
    remember();
  };
  const isNew = (what: string): boolean => known.size < known.add(what).size;
  const remember = () => {
    for (const { generation, stage, epoch, dispatch, workerId, status } of life.state.runs) {
      const run = keyOf({ generation, stage });
      if (workerId && isNew(`${run} seen under ${epoch}`))
        sightings.push({ generation, stage, epoch, workerId });
      if (status === 'due' && isNew(`${run} sent as ${dispatch}`)) jobs.push({ generation, stage, dispatch });
    }
  };

  /** As the claim's one statement does it; that one is played with the runner. */
  const deliver = (job: number, worker: number) => {
    const wanted = pickFrom(jobs, job);
    const run = life.state.runs.find(
      (it) => it.status === 'due' && wanted && keyOf(it) === keyOf(wanted) && it.dispatch === wanted.dispatch,
    );
    if (!run) return;
    const workerId = `worker-${worker}`;
    const taken = { ...run, status: 'running' as const, epoch: run.epoch + 1, workerId };
    const { generation, stage, epoch } = taken;
    const runs = life.state.runs.map((it) => (it === run ? taken : it));
    claims.push({ generation, stage, epoch, workerId });
    go(granted(life.model, { generation, stage, epoch, workerId }), {
      state: { ...life.state, runs },
      events: [],
    });
  };
  const report = (claim: Claim | undefined, outcome: ModelOutcome) => {
    if (!claim) return;
    const reason = `${keyOf(claim)} broke under ${claim.epoch}`;
    go(
      ended(life.model, { ...claim, outcome, reason, watchedMs }),
      closeClaim(life.state, claim, claim.workerId, outcomeOf(outcome, reason), watchedMs),
    );
  };
  const bury = (seen: Claim | undefined) => {
    if (!seen) return;
    go(died(life.model, { ...seen, watchedMs }), workerDied(life.state, seen, seen.workerId, watchedMs));
  };
  const retry = () => {
    const model = retried(life.model);
    if (model) go(model, requestRetry(life.state));
    else expect(() => requestRetry(life.state)).toThrow(PlatformError);
  };
  const play = (step: Step): void => {
    switch (step.do) {
      case 'deliver':
        return deliver(step.job, step.worker);
      case 'report':
        return report(pickFrom(claims, step.claim), step.outcome);
      case 'bury':
        return bury(pickFrom(sightings, step.claim));
      case 'delete':
        return go(deleteAsked(life.model), requestDelete(life.state));
      case 'retry':
        return retry();
      case 'namespace returns':
        return go(namespaceReturned(life.model), reopenTeardown(life.state));
      // Those are the runner's: no transition of their own.
      case 'board retry':
      case 'beat':
      case 'drain':
      case 'queue lost':
    }
  };
  /** Whoever holds something reports, whatever is due gets done. */
  const finish = () => {
    for (let round = 0; !isFinal(life.model); round += 1) {
      if (round > 50) throw new Error('The store comes to no end.');
      for (const claim of life.model.claims) report(claim, 'done');
      for (let job = 0; job < jobs.length; job += 1) deliver(job, round % workersOfHistory);
    }
  };
  remember();
  return { life, play, finish };
};

const countHeld = ({ runs }: StoreState) => runs.filter(isHeld).length;

it(
  'a store ends as its history says, whatever the order: no step is lost, none counts twice, none is stuck',
  { timeout: 120_000 },
  async () => {
    const ends = new Map<string, number>();
    await checkHistories({ against: 'functions', histories: 3000, withinMs: 7000 }, async (history) => {
      const { life, play, finish } = openLife();
      for (const step of history) play(step);
      finish();
      expect(countHeld(life.state)).toBe(0);
      const end = statusOf(life.model);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    });
    // Of a sample that never failed or was never deleted nothing would follow.
    expect([...ends.keys()].toSorted()).toEqual(expect.arrayContaining(['deleted', 'failed', 'ready']));
  },
);
