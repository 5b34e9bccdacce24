import { z } from 'zod';
import type { Metrics } from '../contract/api.ts';
import { PlatformError } from '../contract/problem.ts';
import { activeStatuses, type Store, type StoreDetail } from '../contract/store.ts';
import { openStore, requestDelete, requestRetry } from '../lifecycle/transitions.ts';
import type { Database, Sql } from './database.ts';
import { listEvents } from './events.ts';
import { fromStoresInLine, line, parseStore, selectStores } from './store-rows.ts';
import { lockStore, transitionStore, writeTransition } from './transition-store.ts';

export interface NewStore {
  storeId: string;
  name: string;
  type: string;
  profile: string;
  url: string;
  adminUrl: string;
  maxActive: number;
  /** `hash` is that of the request's body: the same key with another body is refused. */
  idempotency?: { key: string; hash: string };
}

/**
 * Accepts a store: its row, its stage runs and its first event, together or not at all.
 * @returns `created: false` with the earlier store when the idempotency key was used before; `'id taken'` to try another id.
 * @throws PlatformError `store_limit`, `idempotency_mismatch`, `database_away`
 */
export const createStore = (
  db: Database,
  input: NewStore,
): Promise<{ store: Store; created: boolean } | 'id taken'> =>
  db.transaction(async (sql) => {
    await lockCounting(sql);
    const earlier = input.idempotency && (await findByKey(sql, input.idempotency));
    if (earlier) return { store: earlier, created: false };
    await refuseAboveLimit(sql, input.maxActive);
    if (!(await insertRow(sql, input))) return 'id taken';
    await writeTransition(sql, input.storeId, undefined, openStore());
    return { store: await readStore(sql, input.storeId), created: true };
  });

const countingLock = 7_340_002;
/** Whoever counts active stores does so alone, so thirty creates at once see each other. Held to the transaction's end. */
const lockCounting = (sql: Sql) => sql.query('select pg_advisory_xact_lock($1)', [countingLock]);

const Count = z.object({ count: z.number().int() });

const refuseAboveLimit = async (sql: Sql, maxActive: number): Promise<void> => {
  const [row] = await sql.query('select count(*) as count from stores where status = any($1)', [
    activeStatuses,
  ]);
  if (Count.parse(row).count >= maxActive) {
    throw new PlatformError('store_limit', `There are ${maxActive} active stores, and no more are allowed.`, {
      retryAfterSeconds: 30,
    });
  }
};

const findByKey = async (
  sql: Sql,
  { key, hash }: { key: string; hash: string },
): Promise<Store | undefined> => {
  const [row] = await sql.query(
    `${selectStores(', s.idempotency_hash = $2 as same')} where s.idempotency_key = $1`,
    [key, hash],
  );
  if (!row) return undefined;
  if (row['same'] !== true) {
    throw new PlatformError('idempotency_mismatch', 'This Idempotency-Key came before, with another body.');
  }
  return parseStore(row).store;
};

const insertRow = async (sql: Sql, input: NewStore): Promise<boolean> => {
  const rows = await sql.query(
    `insert into stores (store_id, name, type, status, profile, url, admin_url, namespace, idempotency_key, idempotency_hash)
     values ($1, $2, $3, 'provisioning', $4, $5, $6, $1, $7, $8)
     on conflict (store_id) do nothing returning id`,
    [
      input.storeId,
      input.name,
      input.type,
      input.profile,
      input.url,
      input.adminUrl,
      input.idempotency?.key ?? null,
      input.idempotency?.hash ?? null,
    ],
  );
  return rows.length === 1;
};

const readStore = async (sql: Sql, storeId: string): Promise<Store> => {
  const [row] = await sql.query(`${selectStores()} where s.store_id = $1`, [storeId]);
  return parseStore(row).store;
};

const onPage = `where s.status <> 'deleted' and ($2::bigint is null or s.id < $2::bigint)
     order by s.id desc limit $1`;

/**
 * Names what a page shows, without reading it: the same name, the same page.
 * @returns some characters that mean nothing else
 */
export const versionOfPage = async (
  sql: Sql,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<string> => {
  const [row] = await sql.query(
    `with ${line} select coalesce(md5(string_agg(concat_ws(' ', id, touched_at, stores_ahead), ',' order by id desc)), 'none') as version
     from (select s.id, s.touched_at, l.stores_ahead ${fromStoresInLine} ${onPage}) page`,
    [limit + 1, cursor ?? null],
  );
  return z.object({ version: z.string() }).parse(row).version;
};

/** Newest first, never deleted ones. `cursor` is the `nextCursor` of the page before. */
export const listStores = async (
  sql: Sql,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ stores: Store[]; nextCursor: string | undefined }> => {
  const rows = await sql.query(`${selectStores()} ${onPage}`, [limit + 1, cursor ?? null]);
  const page = rows.slice(0, limit).map(parseStore);
  return {
    stores: page.map(({ store }) => store),
    nextCursor: rows.length > limit ? String(page.at(-1)?.id) : undefined,
  };
};

/** Also after its deletion. */
export const findStore = async (sql: Sql, storeId: string): Promise<StoreDetail | undefined> => {
  const [row] = await sql.query(`${selectStores()} where s.store_id = $1`, [storeId]);
  if (!row) return undefined;
  return { ...parseStore(row).store, events: await listEvents(sql, storeId) };
};

/** @returns false when there is no such store. Asked again, it changes nothing. */
export const deleteStore = async (db: Database, storeId: string): Promise<boolean> =>
  (await transitionStore(db, storeId, requestDelete)) !== 'unknown store';

/**
 * @returns undefined when there is no such store.
 * @throws PlatformError `not_failed`, `store_limit`
 */
export const retryStore = (
  db: Database,
  storeId: string,
  { maxActive }: { maxActive: number },
): Promise<Store | undefined> =>
  db.transaction(async (sql) => {
    await lockCounting(sql);
    const before = await lockStore(sql, storeId);
    if (!before) return undefined;
    const transition = requestRetry(before);
    await refuseAboveLimit(sql, maxActive);
    await writeTransition(sql, storeId, before, transition);
    return readStore(sql, storeId);
  });

const Counts = z.object({
  total: z.number().int(),
  active: z.number().int(),
  provisioning: z.number().int(),
  failed: z.number().int(),
}) satisfies z.ZodType<Metrics>;

/** `total` not deleted, `active` ready; deleting is in no other card. */
export const countStores = async (sql: Sql): Promise<Metrics> => {
  const [row] = await sql.query(
    `select count(*) filter (where status <> 'deleted') as total,
            count(*) filter (where status = 'ready') as active,
            count(*) filter (where status = 'provisioning') as provisioning,
            count(*) filter (where status = 'failed') as failed
     from stores`,
  );
  return Counts.parse(row);
};

const recentStores = 20;

/** Median of the last stores that became ready, in seconds; null while there is none. */
export const usualSecondsToReady = async (sql: Sql): Promise<number | null> => {
  const [row] = await sql.query(
    `select percentile_cont(0.5) within group (order by seconds) as median
     from (select extract(epoch from ready_at - started_at)::float8 as seconds
           from stores where ready_at is not null order by ready_at desc limit $1) recent`,
    [recentStores],
  );
  return z.object({ median: z.number().nullable() }).parse(row).median;
};
