import { z } from 'zod';
import type { StageJob } from '../contract/job.ts';
import { stagePlan, StageName } from '../contract/stage.ts';
import type { ClaimRef } from '../lifecycle/store-state.ts';
import type { Sql } from './database.ts';

/** A run that a worker holds, with what its stage needs to know of the store. */
export interface Claim extends ClaimRef {
  readonly storeId: string;
  readonly attempt: number;
  /** Milliseconds that earlier claims of this run have watched. */
  readonly watchedMs: number;
  readonly name: string;
  readonly namespace: string;
  readonly namespaceUid: string | null;
  readonly url: string;
  readonly profile: string;
}

const ClaimRow = z
  .object({
    store_id: z.string(),
    generation: z.number().int(),
    stage: StageName,
    epoch: z.number().int(),
    attempt: z.number().int(),
    watched_ms: z.number().int(),
    name: z.string(),
    namespace: z.string(),
    namespace_uid: z.string().nullable(),
    url: z.string(),
    profile: z.string(),
  })
  .transform(({ store_id, watched_ms, namespace_uid, ...row }): Claim => ({
    ...row,
    storeId: store_id,
    watchedMs: watched_ms,
    namespaceUid: namespace_uid,
  }));

/** Who claims, and how often the job that brought the hint had failed before. */
export interface Claimant {
  readonly id: string;
  readonly cluster: string;
  readonly failedDeliveries?: number;
}

/**
 * Takes a run, or doesn't: one statement that checks the dispatch, generation, desired state, predecessors, due time,
 * cluster and the worker's own life, raises the epoch, and pins the store to its cluster. The store's row is locked
 * first, as everywhere, so a delete at the same moment is seen.
 * @returns undefined when the run is not to be had: the job was a hint, and it was old.
 */
export const claimRun = async (sql: Sql, job: StageJob, worker: Claimant): Promise<Claim | undefined> => {
  const [row] = await sql.query(
    `with store as (
       select * from stores where store_id = $1 and (cluster is null or cluster = $6) for update
     ), claimed as (
       update stage_runs r set
         status = 'running', epoch = r.epoch + 1, worker_id = w.id, counter_at_claim = w.counter,
         failed_deliveries = $8, watching_since = clock_timestamp(),
         started_at = coalesce(r.started_at, clock_timestamp())
       from store s, workers w
       where r.store_id = s.store_id and r.generation = $2 and r.stage = $3 and r.dispatch = $4
         and r.status = 'due' and r.due_at <= clock_timestamp()
         and w.id = $5 and w.dead_at is null
         and (r.stage = 'teardown'
              or (s.generation = r.generation and s.desired_state = 'present' and s.status = 'provisioning'))
         and (select count(*) from stage_runs p
              where p.store_id = r.store_id and p.generation = r.generation and p.stage = any($7) and p.status = 'done')
             = cardinality($7::text[])
       returning r.store_id, r.generation, r.stage, r.epoch, r.attempt, r.watched_ms
     ), pinned as (
       update stores set cluster = $6 where cluster is null and store_id in (select store_id from claimed)
     )
     select c.*, s.name, s.namespace, s.namespace_uid, s.url, s.profile from claimed c join store s using (store_id)`,
    [
      job.storeId,
      job.generation,
      job.stage,
      job.dispatch,
      worker.id,
      worker.cluster,
      stagePlan[job.stage].after,
      worker.failedDeliveries ?? 0,
    ],
  );
  return row && ClaimRow.parse(row);
};

const StageJobRow = z
  .object({ store_id: z.string(), generation: z.number(), stage: StageName, dispatch: z.number() })
  .transform((row): StageJob => ({
    storeId: row.store_id,
    generation: row.generation,
    stage: row.stage,
    dispatch: row.dispatch,
  }));
const parseJobs = (rows: readonly unknown[]): StageJob[] => z.array(StageJobRow).parse(rows);

/** The outbox, oldest due first: of one store, or of all. */
export const listUnsent = async (sql: Sql, limit: number, storeId?: string): Promise<StageJob[]> =>
  parseJobs(
    await sql.query(
      `select store_id, generation, stage, dispatch from stage_runs
       where status = 'due' and sent_at is null and due_at <= clock_timestamp() and ($2::text is null or store_id = $2)
       order by due_at limit $1`,
      [limit, storeId ?? null],
    ),
  );

/** After the queue's acknowledgement. A run that moved on meanwhile has another dispatch and is left alone. */
export const markSent = async (sql: Sql, jobs: readonly StageJob[]): Promise<void> => {
  await sql.query(
    `update stage_runs r set sent_at = clock_timestamp()
     from unnest($1::text[], $2::integer[], $3::text[], $4::integer[]) as j (store_id, generation, stage, dispatch)
     where (r.store_id, r.generation, r.stage, r.dispatch) = (j.store_id, j.generation, j.stage, j.dispatch)
       and r.status = 'due' and r.sent_at is null`,
    columnsOf(jobs),
  );
};

/** Sent a while ago and still unclaimed: either the queue has a backlog, or it lost the job. */
export const listUnclaimed = async (sql: Sql, olderThanMs: number, limit: number): Promise<StageJob[]> =>
  parseJobs(
    await sql.query(
      `select store_id, generation, stage, dispatch from stage_runs
       where status = 'due' and sent_at < clock_timestamp() - make_interval(secs => $1::float8 / 1000)
       order by sent_at limit $2`,
      [olderThanMs, limit],
    ),
  );

/** The queue lost these jobs: a new dispatch gives the next send an id that the queue has not seen. */
export const redispatch = async (sql: Sql, jobs: readonly StageJob[]): Promise<void> => {
  await sql.query(
    `update stage_runs r set dispatch = r.dispatch + 1, sent_at = null
     from unnest($1::text[], $2::integer[], $3::text[], $4::integer[]) as j (store_id, generation, stage, dispatch)
     where (r.store_id, r.generation, r.stage, r.dispatch) = (j.store_id, j.generation, j.stage, j.dispatch)
       and r.status = 'due'`,
    columnsOf(jobs),
  );
};

const columnsOf = (jobs: readonly StageJob[]) => [
  jobs.map((job) => job.storeId),
  jobs.map((job) => job.generation),
  jobs.map((job) => job.stage),
  jobs.map((job) => job.dispatch),
];

/**
 * @param failedDeliveries of the job that comes again
 * @returns whether a person retried, on the queue board, the run that the store's current generation failed in. The job
 * of such a run has failed once more than when the run was claimed; one that its worker died over, after the run was
 * closed and before the job ended, comes again as it was.
 */
export const isRetryByPerson = async (
  sql: Sql,
  job: StageJob,
  failedDeliveries: number,
): Promise<boolean> => {
  const rows = await sql.query(
    `select 1 from stage_runs r join stores s using (store_id, generation)
     where r.store_id = $1 and r.generation = $2 and r.stage = $3 and r.dispatch = $4
       and r.status = 'failed' and s.status = 'failed' and r.failed_deliveries < $5`,
    [job.storeId, job.generation, job.stage, job.dispatch, failedDeliveries],
  );
  return rows.length > 0;
};

/** Rule 4: asked before calls that can't be taken back. */
export const stillHolds = async (sql: Sql, workerId: string, claim: Claim): Promise<boolean> => {
  const rows = await sql.query(
    `select 1 from stage_runs
     where store_id = $1 and generation = $2 and stage = $3 and epoch = $4 and worker_id = $5 and status = 'running'`,
    [claim.storeId, claim.generation, claim.stage, claim.epoch, workerId],
  );
  return rows.length > 0;
};

/**
 * Whether a worker watches this run, or only waits for a cluster that is away: were it to die, no time would count in
 * which nothing could be watched.
 * @param watchedMs how long it has watched during this claim
 */
export const markWatching = async (
  sql: Sql,
  workerId: string,
  claim: Claim,
  isWatching: boolean,
  watchedMs: number,
): Promise<void> => {
  await sql.query(
    // Store first, then run: everyone who locks both does so in this order.
    `with store as (select store_id from stores where store_id = $1 for update)
     update stage_runs r set
       counter_at_claim = case when $6 then w.counter end,
       watching_since = case when $6 then clock_timestamp() - make_interval(secs => $7::float8 / 1000) end
     from workers w, store
     where r.store_id = store.store_id and r.generation = $2 and r.stage = $3 and r.epoch = $4 and r.worker_id = $5
       and r.status = 'running' and w.id = r.worker_id`,
    [claim.storeId, claim.generation, claim.stage, claim.epoch, workerId, isWatching, watchedMs],
  );
};
