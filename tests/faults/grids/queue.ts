import { StageName } from '@store-platform/shared/contract/stage';
import { until } from '@store-platform/shared/testing/until';
import type { FaultBed } from '../fault-bed.ts';
import { oneStore, reporting, type FaultCase, type Grid } from '../fault-case.ts';
import { followAll } from '../follow-all.ts';

/** The queue only delivers: it may be away, and it may forget everything. */
export const queue: Grid = {
  name: 'queue',
  title: 'The queue is away during many creates; it forgets everything mid-run',
  promises: [1, 6],
  cases: ({ crowd }) => [
    ...StageName.options.flatMap((stage) => [lost(stage, 'claimed'), lost(stage, 'committed')]),
    away(crowd),
  ],
};

const away = (stores: number): FaultCase => ({
  name: `away during ${stores} creates`,
  alone: true,
  run: async (ground) => {
    const { bed } = ground;
    const storeIds = Array.from({ length: stores }, () => bed.newStoreId());
    const verdict = await reporting(async () => {
      await whileAway(bed, async () => {
        for (const storeId of storeIds) await bed.create(storeId);
      });
      return followAll(ground, storeIds);
    });
    return { injected: stores, verdict };
  },
});

/** Redis refuses every connection. In PostgreSQL, which does answer, the queue's tables hang. */
const whileAway = async ({ db, proxies }: FaultBed, work: () => Promise<void>): Promise<void> => {
  if (proxies.redis) {
    await proxies.redis.cut();
    await work();
    return proxies.redis.mend();
  }
  await db.transaction(async (sql) => {
    const tables = await sql.query(
      `select format('bullmq.%I', tablename) as name from pg_tables where schemaname = 'bullmq'`,
    );
    await sql.query(
      `lock table ${tables.map(({ name }) => String(name)).join(', ')} in access exclusive mode`,
    );
    await work();
  });
};

const lost = (stage: StageName, moment: string): FaultCase =>
  oneStore({
    name: `forgets everything at ${stage}, ${moment}`,
    ends: 'ready',
    lay: (bed, storeId) => {
      let times = 0;
      const order = bed.workers.order({ storeId, stage, moment, action: 'hold' });
      void order.reached.then(async () => {
        await forget(bed);
        times += 1;
        order.goOn();
      });
      return { met: () => times };
    },
  });

/** A schema that others use now is dropped at the second or third try. */
const forget = ({ db, redis }: FaultBed): Promise<unknown> =>
  redis
    ? redis.flush()
    : until('the schema is dropped', () =>
        db.query('drop schema if exists bullmq cascade').catch(() => undefined),
      );
