import { describe, expect, it } from 'vitest';
import { provisioningStages, stagePlan, type StageName } from '../contract/stage.ts';
import { PlatformError } from '../contract/problem.ts';
import type { ClaimRef, Outcome, RunState, StoreState, Transition } from './store-state.ts';
import {
  closeClaim,
  maxDeaths,
  openStore,
  reopenTeardown,
  requestDelete,
  requestRetry,
  workerDied,
} from './transitions.ts';

const worker = 'worker-a';
const done: Outcome = { kind: 'done' };
const handedBack: Outcome = { kind: 'handed back', reason: 'cancelled' };
const failedWith = (retryable: boolean, message = 'It broke.', code = 'exec_failed'): Outcome => ({
  kind: 'failed',
  failure: { code, message, hint: 'Mend it.' },
  retryable,
  retryInMs: 4000,
});

const runOf = (state: StoreState, stage: StageName, generation = state.generation): RunState => {
  const run = state.runs.find((other) => other.stage === stage && other.generation === generation);
  if (!run) throw new Error(`no run of ${stage}`);
  return run;
};
const statusOf = (state: StoreState, stage: StageName, generation?: number) =>
  runOf(state, stage, generation).status;

/** What the claim's UPDATE does to the row. */
const claimed = (state: StoreState, stage: StageName, generation = state.generation): StoreState => ({
  ...state,
  runs: state.runs.map((run) =>
    run === runOf(state, stage, generation)
      ? { ...run, status: 'running', epoch: run.epoch + 1, workerId: worker }
      : run,
  ),
});
const refOf = (state: StoreState, stage: StageName, generation = state.generation): ClaimRef => ({
  generation,
  stage,
  epoch: runOf(state, stage, generation).epoch,
});
const made = (transition: Transition | undefined): StoreState => {
  if (!transition) throw new Error('the transition was refused');
  return transition.state;
};
const finish = (
  state: StoreState,
  stage: StageName,
  outcome: Outcome = done,
  generation?: number,
): StoreState => {
  const running = claimed(state, stage, generation);
  return made(closeClaim(running, refOf(running, stage, generation), worker, outcome, 1000));
};
const through = (stages: readonly StageName[], from = openStore().state): StoreState =>
  stages.reduce((state, stage) => finish(state, stage), from);

describe('a new store', () => {
  it('has all its stages, and only the first is due', () => {
    const { state } = openStore();
    expect(state.runs.map((run) => [run.stage, run.status])).toEqual([
      ['namespace', 'due'],
      ...provisioningStages.slice(1).map((stage) => [stage, 'waiting']),
    ]);
  });

  it('runs mysql and wordpress side by side', () => {
    const state = through(['namespace', 'volumes']);
    expect([statusOf(state, 'mysql'), statusOf(state, 'wordpress')]).toEqual(['due', 'due']);
  });

  it.each([
    ['mysql', 'wordpress'],
    ['wordpress', 'mysql'],
  ] as const)('starts wp-cli when the later of two siblings is done: %s, then %s', (first, second) => {
    const half = through(['namespace', 'volumes', first]);
    expect(statusOf(half, 'wp-cli')).toBe('waiting');
    expect(statusOf(through([second], half), 'wp-cli')).toBe('due');
  });

  it('is ready when all stages are done, and not before', () => {
    const almost = through(provisioningStages.slice(0, -1));
    expect(almost.status).toBe('provisioning');
    expect(finish(almost, 'verify').status).toBe('ready');
  });

  it('gets a new dispatch each time a run becomes due, so that its job has a new id', () => {
    const state = finish(openStore().state, 'namespace', failedWith(true));
    expect(runOf(state, 'namespace').dispatch).toBe(runOf(openStore().state, 'namespace').dispatch + 1);
  });
});

describe('a stage that fails', () => {
  it('is tried again after its back-off, as its next attempt', () => {
    const state = finish(openStore().state, 'namespace', failedWith(true));
    expect(runOf(state, 'namespace')).toMatchObject({
      status: 'due',
      attempt: 2,
      dueInMs: 4000,
      error: 'It broke.',
    });
    expect(state.status).toBe('provisioning');
  });

  it('keeps the time of its attempts and of the back-offs between them', () => {
    const twice = finish(
      finish(openStore().state, 'namespace', failedWith(true)),
      'namespace',
      failedWith(true),
    );
    expect(runOf(twice, 'namespace').watchedMs).toBe(2 * (1000 + 4000));
  });

  it('fails its store when it fails in the same words again and again, with its reason and what to do', () => {
    let state = openStore().state;
    for (let attempt = 1; attempt <= stagePlan.namespace.attempts; attempt += 1) {
      expect(state.status).toBe('provisioning');
      state = finish(state, 'namespace', failedWith(true));
    }
    expect(state).toMatchObject({ status: 'failed', failure: { message: 'It broke.', hint: 'Mend it.' } });
  });

  const failUntilOver = (outcome: (attempt: number) => Outcome) => {
    let state = openStore().state;
    let attempt = 0;
    while (state.status === 'provisioning') state = finish(state, 'namespace', outcome((attempt += 1)));
    return { state, attempt };
  };
  const sameLimit = stagePlan.namespace.attempts;
  // Each attempt takes a second here, and the back-off four.
  const attemptsInTime = stagePlan.namespace.timeoutMs / 5000;

  it('fails in the same words although the numbers in them differ', () => {
    const { state, attempt } = failUntilOver((n) =>
      failedWith(true, `Process ${n} ended after ${n * 7} ms.`),
    );
    expect([attempt, state.failure?.code]).toEqual([sameLimit, 'exec_failed']);
  });

  it('goes on to the end of its time when it fails each time for another reason, and says the last', () => {
    const words = ['No route to host.', 'Connection reset.'];
    const { state, attempt } = failUntilOver((n) => failedWith(true, words[n % 2]));
    expect(attempt).toBeGreaterThan(sameLimit);
    expect(attempt).toBe(attemptsInTime);
    expect(state.failure).toEqual({
      code: 'stage_timeout',
      message: 'It did not finish within 2 minutes. No route to host.',
      hint: 'Mend it.',
    });
  });

  it('goes on to the end of its time for what passes by itself, however often it is the same', () => {
    const { attempt } = failUntilOver(() => failedWith(true, 'Slow down.', 'cluster_busy'));
    expect(attempt).toBe(attemptsInTime);
  });

  it('begins to count anew when it failed for another reason in between', () => {
    let state = openStore().state;
    for (let n = 1; n < sameLimit; n += 1) state = finish(state, 'namespace', failedWith(true));
    state = finish(state, 'namespace', failedWith(true, 'Other words.'));
    state = finish(state, 'namespace', failedWith(true));
    expect([state.status, runOf(state, 'namespace')]).toMatchObject(['provisioning', { sameFailures: 1 }]);
  });

  it('fails its store at once when it can not heal', () => {
    const state = finish(openStore().state, 'namespace', failedWith(false));
    expect(state.status).toBe('failed');
    expect(statusOf(state, 'teardown')).toBe('due');
  });

  it('stops its siblings, and cleaning up waits until none runs', () => {
    const both = claimed(claimed(through(['namespace', 'volumes']), 'mysql'), 'wordpress');
    const failed = made(closeClaim(both, refOf(both, 'mysql'), worker, failedWith(false), 0));
    expect([statusOf(failed, 'wordpress'), statusOf(failed, 'wp-cli')]).toEqual(['cancelling', 'cancelled']);
    expect(statusOf(failed, 'teardown')).toBe('waiting');
    const acknowledged = made(closeClaim(failed, refOf(both, 'wordpress'), worker, handedBack, 0));
    expect([statusOf(acknowledged, 'wordpress'), statusOf(acknowledged, 'teardown')]).toEqual([
      'cancelled',
      'due',
    ]);
  });

  it('is the first failure that names the reason', () => {
    const both = claimed(claimed(through(['namespace', 'volumes']), 'mysql'), 'wordpress');
    const failed = made(closeClaim(both, refOf(both, 'mysql'), worker, failedWith(false), 0));
    const other = failedWith(false, 'Later.');
    expect(made(closeClaim(failed, refOf(both, 'wordpress'), worker, other, 0)).failure?.message).toBe(
      'It broke.',
    );
  });
});

describe('a claim that was lost', () => {
  it('closes nothing under an old epoch', () => {
    const first = claimed(openStore().state, 'namespace');
    const dead = made(workerDied(first, refOf(first, 'namespace'), worker, 0));
    const second = claimed(dead, 'namespace');
    expect(closeClaim(second, refOf(first, 'namespace'), worker, done, 0)).toBeUndefined();
  });

  it('closes nothing for another worker', () => {
    const running = claimed(openStore().state, 'namespace');
    expect(closeClaim(running, refOf(running, 'namespace'), 'worker-b', done, 0)).toBeUndefined();
  });

  it('is due again after its worker died, and the death is no attempt', () => {
    const running = claimed(openStore().state, 'namespace');
    const state = made(workerDied(running, refOf(running, 'namespace'), worker, 3000));
    expect(runOf(state, 'namespace')).toMatchObject({
      status: 'due',
      attempt: 1,
      deaths: 1,
      watchedMs: 3000,
    });
  });

  it('fails its store when worker after worker dies over it', () => {
    let state = openStore().state;
    for (let death = 1; death <= maxDeaths; death += 1) {
      expect(state.status).toBe('provisioning');
      const running = claimed(state, 'namespace');
      state = made(workerDied(running, refOf(running, 'namespace'), worker, 0));
    }
    expect(state).toMatchObject({ status: 'failed', failure: { code: 'stage_poisoned' } });
  });

  it('is due again at once when it was handed back', () => {
    const state = finish(openStore().state, 'namespace', { kind: 'handed back', reason: 'the worker stops' });
    expect(runOf(state, 'namespace')).toMatchObject({ status: 'due', attempt: 1, deaths: 0, dueInMs: 0 });
  });
});

describe('delete', () => {
  it('cancels what waits, raises the epoch of what runs, and tears down once that is acknowledged', () => {
    const running = claimed(openStore().state, 'namespace');
    const deleting = requestDelete(running).state;
    expect(deleting.status).toBe('deleting');
    expect(runOf(deleting, 'namespace')).toMatchObject({ status: 'cancelling', epoch: 2 });
    expect([statusOf(deleting, 'mysql'), statusOf(deleting, 'teardown')]).toEqual(['cancelled', 'waiting']);
    const acknowledged = made(closeClaim(deleting, refOf(running, 'namespace'), worker, done, 0));
    expect(statusOf(acknowledged, 'teardown')).toBe('due');
    expect(acknowledged.status).toBe('deleting');
    expect(finish(acknowledged, 'teardown').status).toBe('deleted');
  });

  it('tears down once the worker that should acknowledge is dead', () => {
    const deleting = requestDelete(claimed(openStore().state, 'namespace')).state;
    const state = made(workerDied(deleting, refOf(deleting, 'namespace'), worker, 0));
    expect(statusOf(state, 'teardown')).toBe('due');
  });

  it('asked twice changes nothing the second time', () => {
    const once = requestDelete(openStore().state).state;
    expect(requestDelete(once)).toEqual({ state: once, events: [] });
  });

  it('removes a ready store', () => {
    const state = finish(requestDelete(through(provisioningStages)).state, 'teardown');
    expect(state.status).toBe('deleted');
  });

  it('of a failed store that is cleaned up looks once more', () => {
    const cleaned = finish(finish(openStore().state, 'namespace', failedWith(false)), 'teardown');
    const deleting = requestDelete(cleaned).state;
    expect([deleting.status, statusOf(deleting, 'teardown')]).toEqual(['deleting', 'due']);
    expect(finish(deleting, 'teardown').status).toBe('deleted');
  });

  it('while a failed store is cleaned up takes over that clean-up', () => {
    const cleaning = claimed(finish(openStore().state, 'namespace', failedWith(false)), 'teardown');
    const deleting = requestDelete(cleaning).state;
    expect(statusOf(deleting, 'teardown')).toBe('running');
    expect(made(closeClaim(deleting, refOf(deleting, 'teardown'), worker, done, 0)).status).toBe('deleted');
  });

  it('is never over before every clean-up is', () => {
    const retried = requestRetry(finish(openStore().state, 'namespace', failedWith(false))).state;
    const deleting = requestDelete(retried).state;
    const oldGone = finish(deleting, 'teardown', done, 1);
    expect([oldGone.status, statusOf(oldGone, 'teardown')]).toEqual(['deleting', 'due']);
    expect(finish(oldGone, 'teardown').status).toBe('deleted');
  });

  it('keeps trying to tear down, however often that fails', () => {
    let state = requestDelete(openStore().state).state;
    for (let attempt = 1; attempt < 50; attempt += 1) state = finish(state, 'teardown', failedWith(false));
    expect(runOf(state, 'teardown')).toMatchObject({ status: 'due', attempt: 50, error: 'It broke.' });
    expect(state.status).toBe('deleting');
  });

  it('tells once why it can not tear down, and again when the reason is another', () => {
    const told = (state: StoreState, message: string) => {
      const running = claimed(state, 'teardown');
      const outcome = failedWith(true, message);
      const next = closeClaim(running, refOf(running, 'teardown'), worker, outcome, 1000);
      return { state: made(next), events: next?.events.length };
    };
    const first = told(requestDelete(openStore().state).state, 'Held by a.');
    const second = told(first.state, 'Held by a.');
    expect([first.events, second.events, told(second.state, 'Held by b.').events]).toEqual([1, 0, 1]);
  });
});

describe('retry', () => {
  it('is for failed stores only', () => {
    expect(() => requestRetry(openStore().state)).toThrow(PlatformError);
    expect(() => requestRetry(through(provisioningStages))).toThrow(/ready/);
  });

  it('opens a new generation of all stages, with no error left', () => {
    const cleaned = finish(finish(openStore().state, 'namespace', failedWith(false)), 'teardown');
    const state = requestRetry(cleaned).state;
    expect(state).toMatchObject({ status: 'provisioning', generation: 2, failure: null });
    expect(runOf(state, 'namespace')).toMatchObject({ status: 'due', attempt: 1, watchedMs: 0 });
  });

  it('waits until the old namespace is gone', () => {
    const state = requestRetry(finish(openStore().state, 'namespace', failedWith(false))).state;
    expect(statusOf(state, 'namespace')).toBe('waiting');
    expect(statusOf(finish(state, 'teardown', done, 1), 'namespace')).toBe('due');
  });
});

describe('a namespace that came back', () => {
  it('is removed once more, and its store stays what it was', () => {
    const deleted = finish(requestDelete(openStore().state).state, 'teardown');
    const again = made(reopenTeardown(deleted));
    expect([again.status, statusOf(again, 'teardown')]).toEqual(['deleted', 'due']);
    expect(finish(again, 'teardown').status).toBe('deleted');
  });

  it('is left alone while the store lives or is being cleaned up', () => {
    expect(reopenTeardown(openStore().state)).toBeUndefined();
    expect(reopenTeardown(finish(openStore().state, 'namespace', failedWith(false)))).toBeUndefined();
  });
});
