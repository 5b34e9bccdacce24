import { provisioningStages, stagePlan, type StageName } from '../../contract/stage.ts';
import type { StoreStatus } from '../../contract/store.ts';

/**
 * What a store's life may be, said once more and in other words than the transitions say it: no rows, only what was asked,
 * what is done, what is owed, and who holds what. It knows their data (how often a stage may fail), not their code.
 */
export interface StoreModel {
  readonly generation: number;
  readonly deleteAsked: boolean;
  /** Once deleted, a store stays so, also while a namespace that came back is removed. */
  readonly gone: boolean;
  /** Why this generation failed: the first reason. */
  readonly reason: string | undefined;
  /** Stages of this generation. */
  readonly done: ReadonlySet<StageName>;
  /** Generations that must be torn down, oldest first. */
  readonly owed: readonly number[];
  readonly claims: readonly ModelClaim[];
  /** What a run went through; a run that is missing went through nothing. */
  readonly tallies: ReadonlyMap<string, Tally>;
}

export interface RunRef {
  readonly generation: number;
  readonly stage: StageName;
}

export interface ModelClaim extends RunRef {
  readonly workerId: string;
  /** Under which it was granted. */
  readonly epoch: number;
  /** Taken away, and not yet acknowledged: the row's epoch is one higher. */
  readonly revoked: boolean;
}

export interface Tally {
  readonly failures: number;
  readonly deaths: number;
  readonly watchedMs: number;
}

export type ModelOutcome = 'done' | 'handed back' | 'may heal' | 'for good';

const predecessors: Readonly<Record<StageName, readonly StageName[]>> = {
  namespace: [],
  volumes: ['namespace'],
  mysql: ['volumes'],
  wordpress: ['volumes'],
  'wp-cli': ['mysql', 'wordpress'],
  ingress: ['wp-cli'],
  verify: ['ingress'],
  teardown: [],
};

const deathsOfPoison = 10;
const fresh: Tally = { failures: 0, deaths: 0, watchedMs: 0 };

export const newModel: StoreModel = {
  generation: 1,
  deleteAsked: false,
  gone: false,
  reason: undefined,
  done: new Set(),
  owed: [],
  claims: [],
  tallies: new Map(),
};

export const keyOf = ({ generation, stage }: RunRef): string => `${generation} ${stage}`;
export const tallyOf = (model: StoreModel, run: RunRef): Tally => model.tallies.get(keyOf(run)) ?? fresh;

export const statusOf = (model: StoreModel): StoreStatus => {
  if (model.deleteAsked) return model.gone ? 'deleted' : 'deleting';
  if (model.reason !== undefined) return 'failed';
  return model.done.size === provisioningStages.length ? 'ready' : 'provisioning';
};

/** @returns what must be due now: no more, or something runs too early; no less, or the store is stuck. */
export const mustBeDue = (model: StoreModel): RunRef[] => {
  const isClaimed = (run: RunRef) => model.claims.some((claim) => keyOf(claim) === keyOf(run));
  const [oldest] = model.owed;
  if (oldest !== undefined) return model.claims.length > 0 ? [] : [{ generation: oldest, stage: 'teardown' }];
  if (statusOf(model) !== 'provisioning') return [];
  return provisioningStages
    .filter((stage) => !model.done.has(stage) && predecessors[stage].every((name) => model.done.has(name)))
    .map((stage) => ({ generation: model.generation, stage }))
    .filter((run) => !isClaimed(run));
};

/** Nothing is left to do. */
export const isFinal = (model: StoreModel): boolean =>
  statusOf(model) !== 'provisioning' && model.owed.length === 0 && model.claims.length === 0;

export const granted = (model: StoreModel, claim: Omit<ModelClaim, 'revoked'>): StoreModel => ({
  ...model,
  claims: [...model.claims, { ...claim, revoked: false }],
});

/** A worker reports how its claim ended. One that is no longer its own changes nothing. */
export const ended = (
  model: StoreModel,
  report: Omit<ModelClaim, 'revoked'> & { outcome: ModelOutcome; reason: string; watchedMs: number },
): StoreModel => {
  const claim = model.claims.find((held) => isOf(held, report) && held.epoch === report.epoch);
  if (!claim) return model;
  const left = without(model, claim);
  // Whatever it reports of what was taken away is the acknowledgement.
  if (claim.revoked) return settled(left);
  const watched = tallied(left, claim, { watchedMs: report.watchedMs });
  if (report.outcome === 'done') return settled(finished(watched, claim));
  if (report.outcome === 'handed back') return watched;
  const last = report.outcome === 'for good' || tallyOf(model, claim).failures + 1 >= attemptsOf(claim);
  if (last && claim.stage !== 'teardown') return failed(watched, report.reason);
  return tallied(watched, claim, { failures: 1 });
};

/** The leader's verdict over a worker, as it saw the row: `epoch` is the row's. */
export const died = (
  model: StoreModel,
  verdict: RunRef & { workerId: string; epoch: number; watchedMs: number },
): StoreModel => {
  const claim = model.claims.find(
    (held) => isOf(held, verdict) && held.epoch + (held.revoked ? 1 : 0) === verdict.epoch,
  );
  if (!claim) return model;
  const left = without(model, claim);
  if (claim.revoked) return settled(left);
  const next = tallied(left, claim, { deaths: 1, watchedMs: verdict.watchedMs });
  const poisoned = tallyOf(next, claim).deaths >= deathsOfPoison && claim.stage !== 'teardown';
  return poisoned ? failed(next, 'poison') : next;
};

export const deleteAsked = (model: StoreModel): StoreModel =>
  model.deleteAsked
    ? model
    : settled(withDebt({ ...model, deleteAsked: true, claims: model.claims.map(revoked) }));

/** @returns undefined where a retry must be refused. */
export const retried = (model: StoreModel): StoreModel | undefined =>
  statusOf(model) === 'failed'
    ? { ...model, generation: model.generation + 1, reason: undefined, done: new Set() }
    : undefined;

export const namespaceReturned = (model: StoreModel): StoreModel => {
  const wanted = statusOf(model) !== 'failed' && statusOf(model) !== 'deleted';
  return wanted || !isFinal(model) ? model : withDebt(model);
};

const isOf = (held: ModelClaim, { generation, stage, workerId }: RunRef & { workerId: string }): boolean =>
  held.generation === generation && held.stage === stage && held.workerId === workerId;

const attemptsOf = ({ stage }: RunRef): number => stagePlan[stage].attempts;

const without = (model: StoreModel, claim: ModelClaim): StoreModel => ({
  ...model,
  claims: model.claims.filter((held) => held !== claim),
});

const finished = (model: StoreModel, { generation, stage }: RunRef): StoreModel =>
  stage === 'teardown'
    ? { ...model, owed: model.owed.filter((debt) => debt !== generation) }
    : { ...model, done: new Set([...model.done, stage]) };

const failed = (model: StoreModel, reason: string): StoreModel =>
  withDebt({ ...model, reason, claims: model.claims.map(revoked) });

/** What tears down goes on. */
const revoked = (claim: ModelClaim): ModelClaim =>
  claim.stage === 'teardown' ? claim : { ...claim, revoked: true };

const withDebt = (model: StoreModel): StoreModel => {
  const { generation, owed } = model;
  if (owed.includes(generation)) return model;
  const tallies = new Map(model.tallies);
  tallies.delete(keyOf({ generation, stage: 'teardown' }));
  return { ...model, owed: [...owed, generation], tallies };
};

const settled = (model: StoreModel): StoreModel =>
  model.deleteAsked && isFinal(model) ? { ...model, gone: true } : model;

const tallied = (model: StoreModel, run: RunRef, more: Partial<Tally>): StoreModel => {
  const { failures, deaths, watchedMs } = tallyOf(model, run);
  const next: Tally = {
    failures: failures + (more.failures ?? 0),
    deaths: deaths + (more.deaths ?? 0),
    watchedMs: watchedMs + (more.watchedMs ?? 0),
  };
  return { ...model, tallies: new Map([...model.tallies, [keyOf(run), next]]) };
};
