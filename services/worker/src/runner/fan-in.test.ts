import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Database, Sql } from '@store-platform/shared/db/database';
import { claimRun } from '@store-platform/shared/db/stage-runs';
import { findStore } from '@store-platform/shared/db/stores';
import { registerWorker } from '@store-platform/shared/db/workers';
import { insertSampleStore } from '@store-platform/shared/testing/sample-store';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { until } from '@store-platform/shared/testing/until';
import type { HeldClaim } from './lease.ts';
import { recordOutcome } from './record-outcome.ts';

/** Holds each transaction after it has read the store and its runs, until another has read them too, or waits to. */
const meetingAfterReading = (db: Database): Database => {
  let readers = 0;
  const met = async () =>
    readers === 2 ||
    (
      await db.query(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      )
    ).length > 0;
  const meeting = (sql: Sql): Sql => ({
    query: async (text, values) => {
      const rows = await sql.query(text, values);
      if (text.includes('from stage_runs where store_id = $1')) {
        readers += 1;
        await until('both have read, or one waits', met);
      }
      return rows;
    },
  });
  return { ...db, transaction: (work) => db.transaction((sql) => work(meeting(sql))) };
};

it('the later of mysql and wordpress sees the other, also when both end at the same moment', async () => {
  const { db } = await useTestDatabase();
  const storeId = await insertSampleStore(db);
  const id = randomUUID();
  await registerWorker(db, { id, host: 'here', pid: 1 });
  await db.query("update stage_runs set status = 'done' where stage in ('namespace', 'volumes')");
  await db.query(
    "update stage_runs set status = 'due', dispatch = 1, due_at = clock_timestamp() where stage in ('mysql', 'wordpress')",
  );
  const held = async (stage: 'mysql' | 'wordpress'): Promise<HeldClaim> => {
    const claim = await claimRun(db, { storeId, generation: 1, stage, dispatch: 1 }, { id, cluster: 'c' });
    if (!claim) throw new Error('refused');
    return { claim, workerId: id, signal: new AbortController().signal };
  };
  const both = [await held('mysql'), await held('wordpress')];
  const meeting = meetingAfterReading(db);
  const lease = { remainingMs: () => 8000 };
  await Promise.all(both.map((each) => recordOutcome(meeting, lease, each, { kind: 'done' }, 0)));
  const wpCli = (await findStore(db, storeId))?.stages.find(({ stage }) => stage === 'wp-cli');
  expect(wpCli?.status).toBe('due');
});
