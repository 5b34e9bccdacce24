import { z } from 'zod';
import { RunStatus, StageName } from '../contract/stage.ts';
import { StoreStatus } from '../contract/store.ts';
import { isFinished, type RunState, type StoreState, type Transition } from '../lifecycle/store-state.ts';
import type { Database, Sql } from './database.ts';
import { storedText, insertEvents } from './events.ts';

/**
 * The one door through which a store changes: lock its row, read its runs, decide purely, write what differs.
 * @param decide returns undefined when the claim that it speaks for is no longer the row's.
 */
export const transitionStore = (
  db: Database,
  storeId: string,
  decide: (state: StoreState) => Transition | undefined,
): Promise<StoreState | 'unknown store' | 'refused'> =>
  db.transaction(async (sql) => {
    const before = await lockStore(sql, storeId);
    if (!before) return 'unknown store';
    const transition = decide(before);
    if (!transition) return 'refused';
    await writeTransition(sql, storeId, before, transition);
    return transition.state;
  });

const LockedStore = z.object({
  status: StoreStatus,
  desired_state: z.enum(['present', 'absent']),
  generation: z.number().int(),
  error: z.string().nullable(),
  error_code: z.string().nullable(),
  error_hint: z.string().nullable(),
});

const LockedRun = z.object({
  generation: z.number().int(),
  stage: StageName,
  status: RunStatus,
  epoch: z.number().int(),
  worker_id: z.string().nullable(),
  attempt: z.number().int(),
  deaths: z.number().int(),
  same_failures: z.number().int(),
  dispatch: z.number().int(),
  watched_ms: z.number().int(),
  error: z.string().nullable(),
});

/** Store first, then runs: everyone who locks both does so in this order. */
export const lockStore = async (sql: Sql, storeId: string): Promise<StoreState | undefined> => {
  const [row] = await sql.query(
    `select status, desired_state, generation, error, error_code, error_hint
     from stores where store_id = $1 for update`,
    [storeId],
  );
  if (!row) return undefined;
  const store = LockedStore.parse(row);
  const runs = await sql.query(
    `select generation, stage, status, epoch, worker_id, attempt, deaths, same_failures, dispatch, watched_ms, error
     from stage_runs where store_id = $1 order by generation, stage for update`,
    [storeId],
  );
  return {
    status: store.status,
    desiredState: store.desired_state,
    generation: store.generation,
    failure:
      store.error === null
        ? null
        : { message: store.error, code: store.error_code ?? 'internal', hint: store.error_hint ?? '' },
    runs: z.array(LockedRun).parse(runs).map(toRunState),
  };
};

const toRunState = ({
  worker_id,
  watched_ms,
  same_failures,
  ...run
}: z.infer<typeof LockedRun>): RunState => ({
  ...run,
  workerId: worker_id,
  watchedMs: watched_ms,
  sameFailures: same_failures,
});

/** @param before undefined for a store that was inserted a moment ago in the same transaction. */
export const writeTransition = async (
  sql: Sql,
  storeId: string,
  before: StoreState | undefined,
  { state, events }: Transition,
): Promise<void> => {
  if (before && before !== state) await writeStore(sql, storeId, before, state);
  for (const run of state.runs) {
    // Runs that a transition left alone are the very same objects.
    if (!before?.runs.includes(run)) await writeRun(sql, storeId, run);
  }
  await insertEvents(sql, storeId, events);
};

const writeStore = async (
  sql: Sql,
  storeId: string,
  before: StoreState,
  state: StoreState,
): Promise<void> => {
  const retried = state.generation > before.generation;
  const cleanedUp = state.status === 'failed' && state.runs.every(isFinished);
  const oldNamespaceGone = state.status === 'provisioning' && teardownEnded(before, state);
  await sql.query(
    `update stores set
       status = $2, desired_state = $3, generation = $4, error = $5, error_code = $6, error_hint = $7,
       updated_at = clock_timestamp(),
       started_at = case when $8 then clock_timestamp() else started_at end,
       ready_at = case when $8 then null when $9 then clock_timestamp() else ready_at end,
       cleaned_up_at = case when $8 then null when $10 then coalesce(cleaned_up_at, clock_timestamp()) else cleaned_up_at end,
       unavailable_since = case when $2 = 'ready' then unavailable_since end,
       asleep_since = case when $2 = 'ready' then asleep_since end,
       namespace_uid = case when $11 then null else namespace_uid end
     where store_id = $1`,
    [
      storeId,
      state.status,
      state.desiredState,
      state.generation,
      state.failure && storedText(state.failure.message),
      state.failure?.code ?? null,
      state.failure?.hint ?? null,
      retried,
      state.status === 'ready' && before.status !== 'ready',
      cleanedUp,
      oldNamespaceGone || (retried && before.runs.every(isFinished)),
    ],
  );
};

/** The clean-up that a retry waited for is over: the UID that is recorded belongs to nothing any more. */
const teardownEnded = (before: StoreState, state: StoreState): boolean =>
  hasOpenTeardown(before) && !hasOpenTeardown(state);

const hasOpenTeardown = ({ runs }: StoreState): boolean =>
  runs.some((run) => run.stage === 'teardown' && !isFinished(run));

const writeRun = async (sql: Sql, storeId: string, run: RunState): Promise<void> => {
  await sql.query(
    `insert into stage_runs as r (store_id, generation, stage, status, epoch, worker_id, attempt, deaths, dispatch,
       watched_ms, error, same_failures, due_at, finished_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $14,
       case when $12::float8 is not null then clock_timestamp() + make_interval(secs => $12::float8 / 1000) end,
       case when $13 then clock_timestamp() end)
     on conflict (store_id, generation, stage) do update set
       status = excluded.status, epoch = excluded.epoch, worker_id = excluded.worker_id, attempt = excluded.attempt,
       deaths = excluded.deaths, dispatch = excluded.dispatch, watched_ms = excluded.watched_ms, error = excluded.error,
       same_failures = excluded.same_failures,
       due_at = case when $12::float8 is not null then excluded.due_at else r.due_at end,
       sent_at = case when $12::float8 is not null then null else r.sent_at end,
       started_at = case when excluded.status = 'waiting' then null else r.started_at end,
       finished_at = excluded.finished_at,
       watching_since = case when excluded.status in ('running', 'cancelling') then r.watching_since end`,
    [
      storeId,
      run.generation,
      run.stage,
      run.status,
      run.epoch,
      run.workerId,
      run.attempt,
      run.deaths,
      run.dispatch,
      Math.round(run.watchedMs),
      run.error && storedText(run.error),
      run.dueInMs ?? null,
      isFinished(run),
      run.sameFailures,
    ],
  );
};
