import type { Severity, StoreEvent } from '../contract/event.ts';
import type { NewEvent } from '../lifecycle/store-state.ts';
import { cleanText } from '../text/clean-text.ts';
import type { Sql } from './database.ts';
import type { Claim } from './stage-runs.ts';
import { parseEvents } from './store-rows.ts';

const columns = 'id, event_type, message, severity, stage, attempt, created_at';
/** A store's history shows its newest events; the sweep below keeps the table itself small. */
const shownEvents = 500;

/** Oldest first. */
export const listEvents = async (sql: Sql, storeId: string): Promise<StoreEvent[]> =>
  parseEvents(
    await sql.query(
      `select * from (select ${columns} from store_events where store_id = $1 order by id desc limit $2) newest order by id`,
      [storeId, shownEvents],
    ),
  );

/** Texts in rows: events, and why something failed. */
export const storedText = (text: string, maxLength = 2000): string => cleanText(text, maxLength);

export const insertEvents = async (sql: Sql, storeId: string, events: readonly NewEvent[]): Promise<void> => {
  if (events.length === 0) return;
  await sql.query(
    `insert into store_events (store_id, event_type, message, severity, stage, attempt)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::integer[])`,
    [
      storeId,
      events.map((event) => event.type),
      events.map((event) => storedText(event.message)),
      events.map((event) => event.severity),
      events.map((event) => event.stage ?? null),
      events.map((event) => event.attempt ?? null),
    ],
  );
};

/**
 * An event that a stage writes while it runs. Like every write of a stage it carries its epoch.
 * @returns false when the claim is no longer the row's; then nothing was written.
 */
export const insertStageEvent = async (
  sql: Sql,
  workerId: string,
  claim: Claim,
  event: { message: string; severity: Severity },
): Promise<boolean> => {
  const rows = await sql.query(
    `insert into store_events (store_id, event_type, message, severity, stage, attempt)
     select store_id, 'stage_progress', $6, $7, stage, attempt from stage_runs
     where store_id = $1 and generation = $2 and stage = $3 and epoch = $4 and worker_id = $5 and status = 'running'
     returning id`,
    [
      claim.storeId,
      claim.generation,
      claim.stage,
      claim.epoch,
      workerId,
      storedText(event.message),
      event.severity,
    ],
  );
  return rows.length > 0;
};

/** Keeps each store's newest events, and none older than `days`, so a store that fails for ever can't fill the disk. */
export const pruneEvents = async (
  sql: Sql,
  { perStore, days }: { perStore: number; days: number },
): Promise<void> => {
  await sql.query(
    'delete from store_events where created_at < clock_timestamp() - make_interval(days => $1)',
    [days],
  );
  await sql.query(
    `delete from store_events e using (
       select id, row_number() over (partition by store_id order by id desc) as place from store_events
     ) ranked where ranked.id = e.id and ranked.place > $1`,
    [perStore],
  );
};
