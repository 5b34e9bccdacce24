import { z } from 'zod';
import type { Sql } from './database.ts';
import type { Claim } from './stage-runs.ts';

/** What workers see in the cluster and write beside a store's state: none of it is a transition. */

/** @returns false when the claim is no longer the row's. */
export const recordNamespaceUid = async (
  sql: Sql,
  workerId: string,
  claim: Claim,
  uid: string,
): Promise<boolean> => {
  const rows = await sql.query(
    `update stores s set namespace_uid = $6 from stage_runs r
     where s.store_id = $1 and r.store_id = s.store_id and r.generation = $2 and r.stage = $3 and r.epoch = $4
       and r.worker_id = $5 and r.status = 'running' returning s.store_id`,
    [claim.storeId, claim.generation, claim.stage, claim.epoch, workerId, uid],
  );
  return rows.length > 0;
};

const Ids = z.array(z.object({ store_id: z.string() }));

/** Ready stores of this cluster: those whose shop should answer. */
export const listReadyStoreIds = async (sql: Sql, cluster: string): Promise<string[]> =>
  Ids.parse(
    await sql.query(`select store_id from stores where status = 'ready' and cluster = $1`, [cluster]),
  ).map((row) => row.store_id);

/** @returns the stores for which this is news. `now answering` is written for those in neither list. */
export const recordAvailability = async (
  sql: Sql,
  cluster: string,
  down: readonly string[],
): Promise<{ lost: string[]; back: string[] }> => {
  const lost = await sql.query(
    `update stores set unavailable_since = clock_timestamp(), updated_at = clock_timestamp()
     where status = 'ready' and cluster = $1 and unavailable_since is null and store_id = any($2) returning store_id`,
    [cluster, down],
  );
  const back = await sql.query(
    `update stores set unavailable_since = null, updated_at = clock_timestamp()
     where status = 'ready' and cluster = $1 and unavailable_since is not null and store_id <> all($2) returning store_id`,
    [cluster, down],
  );
  const ids = (rows: unknown) => Ids.parse(rows).map((row) => row.store_id);
  return { lost: ids(lost), back: ids(back) };
};

/** Writes what is news alone: a page that shows nothing new keeps its version. No event: it happens after each visit. */
export const recordSleep = async (sql: Sql, cluster: string, asleep: readonly string[]): Promise<void> => {
  await sql.query(
    `update stores set asleep_since = case when asleep_since is null then clock_timestamp() end, updated_at = clock_timestamp()
     where status = 'ready' and cluster = $1 and (asleep_since is null) = (store_id = any($2))`,
    [cluster, asleep],
  );
};

/** A namespace of this installation, and the generation of the store that made it. */
export interface SeenNamespace {
  readonly name: string;
  readonly generation: number;
}

/**
 * Which of these namespaces belong to stores that should have none (failed or deleted, and cleaned up), and which no row
 * knows. One of a later generation than its row is unknown, too: the database is the one that is older.
 */
export const listUnwanted = async (
  sql: Sql,
  namespaces: readonly SeenNamespace[],
): Promise<{ unwanted: string[]; unknown: string[] }> => {
  const rows = z.array(z.object({ namespace: z.string(), known: z.boolean(), unwanted: z.boolean() })).parse(
    await sql.query(
      `select n.name as namespace, s.store_id is not null as known,
                coalesce(s.status in ('failed', 'deleted'), false) and not exists (
                  select 1 from stage_runs r
                  where r.store_id = s.store_id and r.status not in ('done', 'failed', 'cancelled')) as unwanted
         from unnest($1::text[], $2::integer[]) n (name, generation)
         left join stores s on s.namespace = n.name and s.generation >= n.generation`,
      [namespaces.map(({ name }) => name), namespaces.map(({ generation }) => generation)],
    ),
  );
  return {
    unwanted: rows.filter((row) => row.unwanted).map((row) => row.namespace),
    unknown: rows.filter((row) => !row.known).map((row) => row.namespace),
  };
};

/** The id that marks every Kubernetes object as this installation's. */
export const readInstallationId = async (sql: Sql): Promise<string> =>
  z.object({ id: z.uuid() }).parse((await sql.query('select id from installation'))[0]).id;
