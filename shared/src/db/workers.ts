import { z } from 'zod';
import { StageName } from '../contract/stage.ts';
import type { ClaimRef } from '../lifecycle/store-state.ts';
import type { Sql } from './database.ts';

export const registerWorker = async (
  sql: Sql,
  worker: { id: string; host: string; pid: number },
): Promise<void> => {
  await sql.query('insert into workers (id, host, pid) values ($1, $2, $3)', [
    worker.id,
    worker.host,
    worker.pid,
  ]);
};

/** A run of a worker, as its row says. */
export interface HeldRun extends ClaimRef {
  readonly storeId: string;
  readonly status: 'running' | 'cancelling';
}

const BeatRow = z.object({
  store_id: z.string().nullable(),
  generation: z.number().nullable(),
  stage: StageName.nullable(),
  epoch: z.number().nullable(),
  status: z.enum(['running', 'cancelling']).nullable(),
});

/**
 * Raises the worker's counter, whatever number of stages it waits for, and tells which runs are its own by the rows.
 * @returns undefined when the worker was declared dead.
 */
export const beat = async (sql: Sql, workerId: string): Promise<HeldRun[] | undefined> => {
  const rows = await sql.query(
    `with beaten as (
       update workers set counter = counter + 1, seen_at = clock_timestamp() where id = $1 and dead_at is null returning id
     )
     select r.store_id, r.generation, r.stage, r.epoch, r.status
     from beaten left join stage_runs r on r.worker_id = beaten.id and r.status in ('running', 'cancelling')`,
    [workerId],
  );
  if (rows.length === 0) return undefined;
  return z.array(BeatRow).parse(rows).flatMap(toHeldRun);
};

const toHeldRun = (row: z.infer<typeof BeatRow>): HeldRun[] =>
  row.store_id && row.generation && row.stage && row.epoch !== null && row.status
    ? [
        {
          storeId: row.store_id,
          generation: row.generation,
          stage: row.stage,
          epoch: row.epoch,
          status: row.status,
        },
      ]
    : [];

export interface WorkerPulse {
  readonly id: string;
  readonly counter: number;
}

/** Workers that nobody has declared dead. */
export const listPulses = async (sql: Sql): Promise<WorkerPulse[]> =>
  z
    .array(z.object({ id: z.string(), counter: z.number().int() }))
    .parse(await sql.query('select id, counter from workers where dead_at is null'));

/** @returns false when the worker moved after all, or was dead already. */
export const markDead = async (sql: Sql, { id, counter }: WorkerPulse): Promise<boolean> => {
  const rows = await sql.query(
    'update workers set dead_at = clock_timestamp() where id = $1 and counter = $2 and dead_at is null returning id',
    [id, counter],
  );
  return rows.length > 0;
};

/** A worker that leaves of its own accord, after it has handed everything back. */
export const retireWorker = async (sql: Sql, id: string): Promise<void> => {
  await sql.query('update workers set dead_at = clock_timestamp() where id = $1 and dead_at is null', [id]);
};

const OrphanRow = z
  .object({
    store_id: z.string(),
    generation: z.number(),
    stage: StageName,
    epoch: z.number(),
    worker_id: z.string(),
    watched_ms: z.number(),
  })
  .transform((row) => ({
    storeId: row.store_id,
    workerId: row.worker_id,
    watchedMs: row.watched_ms,
    claim: { generation: row.generation, stage: row.stage, epoch: row.epoch } satisfies ClaimRef,
  }));

/** Runs whose worker is dead, with the time that it watched them: its counter went up once a second. */
export const listOrphans = async (sql: Sql) =>
  z.array(OrphanRow).parse(
    await sql.query(
      `select r.store_id, r.generation, r.stage, r.epoch, r.worker_id,
              greatest(0, w.counter - coalesce(r.counter_at_claim, w.counter)) * 1000 as watched_ms
       from stage_runs r join workers w on w.id = r.worker_id
       where r.status in ('running', 'cancelling') and w.dead_at is not null`,
    ),
  );

/** For people and for `/ready`: by the database's clock, so a stepped clock may mislead it for seconds. */
export const countLiveWorkers = async (sql: Sql): Promise<number> => {
  const [row] = await sql.query(
    `select count(*) as count from workers where dead_at is null and seen_at > clock_timestamp() - interval '10 seconds'`,
  );
  return z.object({ count: z.number() }).parse(row).count;
};

/** Rows of workers that died a day ago and hold nothing. */
export const pruneWorkers = async (sql: Sql): Promise<void> => {
  await sql.query(
    `delete from workers w where w.dead_at < clock_timestamp() - interval '1 day'
     and not exists (select 1 from stage_runs r where r.worker_id = w.id)`,
  );
};
