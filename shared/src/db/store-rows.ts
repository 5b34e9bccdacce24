import { z } from 'zod';
import { StageName, provisioningStages, RunStatus, turnOf, type StageRun } from '../contract/stage.ts';
import { Severity, type StoreEvent } from '../contract/event.ts';
import { StoreStatus, StoreType, type Store } from '../contract/store.ts';

/** PostgreSQL's own time as the contract's ISO 8601 in UTC: a Date from the driver, text within JSON. */
const time = z.date().transform((value) => value.toISOString());
const timeInJson = z.string().transform((value) => new Date(value).toISOString());

const StageRunRow = z.object({
  stage: StageName,
  status: RunStatus,
  attempt: z.number().int(),
  due_at: timeInJson.nullable(),
  started_at: timeInJson.nullable(),
  finished_at: timeInJson.nullable(),
  watched_ms: z.number().int(),
  watching_since: timeInJson.nullable(),
  error: z.string().nullable(),
}) satisfies z.ZodType<StageRun>;

const StoreRow = z.object({
  id: z.number().int(),
  store_id: z.string(),
  name: z.string(),
  type: StoreType,
  status: StoreStatus,
  url: z.string(),
  admin_url: z.string(),
  namespace: z.string(),
  error: z.string().nullable(),
  error_code: z.string().nullable(),
  error_hint: z.string().nullable(),
  profile: z.string(),
  generation: z.number().int(),
  created_at: time,
  updated_at: time,
  started_at: time,
  ready_at: time.nullable(),
  cleaned_up_at: time.nullable(),
  unavailable_since: time.nullable(),
  asleep_since: time.nullable(),
  stores_ahead: z.number().int().nullable(),
  stages: z.array(StageRunRow),
});

const StoreEventRow = z.object({
  id: z.number().int(),
  event_type: z.string(),
  message: z.string(),
  severity: Severity,
  stage: StageName.nullable(),
  attempt: z.number().int().nullable(),
  created_at: time,
}) satisfies z.ZodType<StoreEvent>;

const inTurn = StageName.options.toSorted((a, b) => turnOf(a) - turnOf(b));

/**
 * The stores that wait for a worker, in the order in which the queue delivers their runs, as a table `line`. A moment
 * between two stages is no wait.
 */
export const line = `line as (
  select store_id, case when min(due_at) < clock_timestamp() - interval '2 seconds' then
    row_number() over (order by min(array_position(array[${inTurn.map((stage) => `'${stage}'`).join(', ')}], stage)), min(due_at), store_id) - 1
    end as stores_ahead
  from stage_runs where status = 'due' and due_at <= clock_timestamp() group by store_id)`;

/** Of a store and its place in `line`. */
export const fromStoresInLine = 'from stores s left join line l using (store_id)';

/** The columns of a store for people, with the runs of its current generation and every clean-up that is not over. */
const storeColumns = `
  s.id, s.store_id, s.name, s.type, s.status, s.url, s.admin_url, s.namespace, s.error, s.error_code, s.error_hint,
  s.profile, s.generation, s.created_at, s.updated_at, s.started_at, s.ready_at, s.cleaned_up_at,
  s.unavailable_since, s.asleep_since, l.stores_ahead,
  coalesce((
    select json_agg(json_build_object('stage', r.stage, 'status', r.status, 'attempt', r.attempt, 'due_at', r.due_at,
      'started_at', r.started_at, 'finished_at', r.finished_at, 'watched_ms', r.watched_ms,
      'watching_since', r.watching_since, 'error', r.error) order by r.generation)
    from stage_runs r
    where r.store_id = s.store_id
      and (r.generation = s.generation or (r.stage = 'teardown' and r.status in ('waiting', 'due', 'running')))
  ), '[]'::json) as stages`;

/** Stores for people; conditions on `s` follow. @param more a column beside theirs */
export const selectStores = (more = ''): string =>
  `with ${line} select ${storeColumns}${more} ${fromStoresInLine}`;

const storyOrder = new Map<StageName, number>(
  [...provisioningStages, 'teardown' as const].map((name, i) => [name, i]),
);

/** @returns the store as the contract shows it, and its place in the listing. */
export const parseStore = (row: unknown): { id: number; store: Store } => {
  const { id, stages, ...store } = StoreRow.parse(row);
  const inOrder = stages.toSorted((a, b) => (storyOrder.get(a.stage) ?? 0) - (storyOrder.get(b.stage) ?? 0));
  return { id, store: { ...store, stages: inOrder } };
};

export const parseEvents = (rows: readonly unknown[]): StoreEvent[] => z.array(StoreEventRow).parse(rows);
