import { expect, it } from 'vitest';
import type { Database } from '@store-platform/shared/db/database';
import { checkHistories } from '@store-platform/shared/testing/store-model/check-histories';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { createRunnerRig, openRunnerLife } from '../testing/runner-life.ts';

/** How often each of these was told of one store. */
const toldOnce = async (db: Database, storeId: string): Promise<unknown[]> =>
  db.query(
    `select event_type, count(*) as times from store_events where store_id = $1
       and event_type in ('store_created', 'delete_requested', 'store_deleted', 'retry_requested')
     group by event_type order by event_type`,
    [storeId],
  );

it(
  'a store that real workers make ends as its history says, with real rows, claims, leases and the leader',
  { timeout: 900_000 },
  async () => {
    const { db } = await useTestDatabase();
    const rig = createRunnerRig(db);
    await checkHistories({ against: 'runner', histories: 300, withinMs: 9000 }, async (history) => {
      const { storeId, life, play, finish, close } = await openRunnerLife(rig);
      try {
        for (const step of history) await play(step);
        await finish();
      } finally {
        await close();
      }
      const { gone, generation } = life.model;
      expect(await toldOnce(db, storeId)).toEqual([
        ...(gone ? [{ event_type: 'delete_requested', times: 1 }] : []),
        ...(generation > 1 ? [{ event_type: 'retry_requested', times: generation - 1 }] : []),
        { event_type: 'store_created', times: 1 },
        ...(gone ? [{ event_type: 'store_deleted', times: 1 }] : []),
      ]);
    });
  },
);
