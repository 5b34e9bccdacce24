import fc from 'fast-check';
import type { ModelOutcome } from './store-model.ts';

/**
 * One thing that happens in a store's life. Numbers pick among what there is at that moment, 0 the newest: so any history
 * can be played, and a shorter one is found by leaving steps out.
 */
export type Step =
  /** A job arrives at a worker: now, late or once more. */
  | { readonly do: 'deliver'; readonly job: number; readonly worker: number }
  /** A worker reports the end of a claim, its own or one that it has lost. */
  | { readonly do: 'report'; readonly claim: number; readonly outcome: ModelOutcome }
  /** A worker's end is noticed. */
  | { readonly do: 'bury'; readonly claim: number }
  | { readonly do: 'delete' }
  | { readonly do: 'retry' }
  /** Somebody presses retry at a job on the queue board. */
  | { readonly do: 'board retry'; readonly job: number }
  /** The leader finds a namespace of this store in the cluster. */
  | { readonly do: 'namespace returns' }
  /** A worker's heartbeat: it learns what was taken away from it. */
  | { readonly do: 'beat'; readonly worker: number }
  /** A worker is asked to stop, and another one takes its place. */
  | { readonly do: 'drain'; readonly worker: number }
  /** The queue loses all that it has, and the leader looks for it. */
  | { readonly do: 'queue lost' };

export const workersOfHistory = 3;

/** Often the newest, and as often what was long past: a late job, a lost claim, a slow leader's verdict. */
const pick = fc.oneof(fc.constant(0), fc.nat({ max: 6 }));
/** One does most of the work, so that it meets its own past. */
const worker = fc.oneof(fc.constant(0), fc.nat({ max: workersOfHistory - 1 }));
const outcome = fc.oneof(
  { weight: 12, arbitrary: fc.constant('done' as const) },
  { weight: 2, arbitrary: fc.constant('may heal' as const) },
  { weight: 2, arbitrary: fc.constant('handed back' as const) },
  { weight: 1, arbitrary: fc.constant('for good' as const) },
);

const deliver = fc.record({ do: fc.constant('deliver' as const), job: pick, worker });
const report = fc.record({ do: fc.constant('report' as const), claim: pick, outcome });
const bury = fc.record({ do: fc.constant('bury' as const), claim: pick });
const boardRetry = fc.record({ do: fc.constant('board retry' as const), job: pick });
const only = (name: 'delete' | 'retry' | 'namespace returns' | 'queue lost') => fc.constant({ do: name });
const ofWorker = (name: 'beat' | 'drain') => fc.record({ do: fc.constant(name), worker });

const one = (arbitrary: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> => arbitrary.map((step) => [step]);
/** The same stage, again and again: what wears a store out takes many steps in a row. */
const again = (...steps: fc.Arbitrary<Step>[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.tuple(...steps), { minLength: 1, maxLength: 12 }).map((rounds) => rounds.flat());

const newest = deliver.map((step) => ({ ...step, job: 0 }));
const phrase: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 8, arbitrary: one(deliver) },
  { weight: 8, arbitrary: one(report) },
  { weight: 4, arbitrary: again(newest, fc.constant({ do: 'report', claim: 0, outcome: 'done' })) },
  { weight: 1, arbitrary: again(newest, fc.constant({ do: 'report', claim: 0, outcome: 'may heal' })) },
  { weight: 1, arbitrary: again(newest, fc.constant({ do: 'bury', claim: 0 })) },
  { weight: 4, arbitrary: one(bury) },
  { weight: 1, arbitrary: one(only('delete')) },
  { weight: 2, arbitrary: one(only('retry')) },
  { weight: 1, arbitrary: one(boardRetry) },
  { weight: 1, arbitrary: one(only('namespace returns')) },
  { weight: 2, arbitrary: one(ofWorker('beat')) },
  { weight: 1, arbitrary: one(ofWorker('drain')) },
  { weight: 1, arbitrary: one(only('queue lost')) },
);

export const histories: fc.Arbitrary<Step[]> = fc
  .array(phrase, { maxLength: 30, size: 'max' })
  .map((phrases) => phrases.flat());

/** @returns the one that a number means, 0 the newest; undefined where there is none. */
export const pickFrom = <T>(list: readonly T[], number: number): T | undefined =>
  list.length === 0 ? undefined : list[list.length - 1 - (number % list.length)];
