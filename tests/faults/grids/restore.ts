import { until } from '@store-platform/shared/testing/until';
import { namespaces } from '../../../services/cluster-emulator/src/objects/resources.ts';
import type { FaultBed } from '../fault-bed.ts';
import { follow, reporting, type FaultCase, type Grid, type Ground } from '../fault-case.ts';
import { blameless, joinVerdicts, type Verdict } from '../oracle.ts';
import { changesBetween, clusterStateOf } from '../state-of.ts';

/** The rows are those of an earlier day, and the cluster is today's. */
export const restore: Grid = {
  name: 'restore',
  title: 'The database is restored from an older backup',
  promises: [2, 4],
  cases: () => [restored],
};

const tables = ['stores', 'stage_runs', 'store_events'] as const;

const restored: FaultCase = {
  name: 'a store is unknown, another unfinished, a third ready and long gone',
  alone: true,
  run: async (ground) => {
    const { bed } = ground;
    const [unknown, unfinished, gone] = [bed.newStoreId(), bed.newStoreId(), bed.newStoreId()];
    const verdict = await reporting(async () => {
      const held = bed.workers.order({
        storeId: unfinished,
        stage: 'wp-cli',
        moment: 'claimed',
        action: 'hold',
      });
      await bed.create(gone);
      await bed.create(unfinished);
      await isReady(bed, gone);
      await held.reached;
      await backUp(bed, [unfinished, gone]);
      held.goOn();
      await bed.create(unknown);
      await isReady(bed, unknown);
      await isReady(bed, unfinished);
      await bed.delete(gone);
      await bed.awaitStore(gone, 'deleted', ({ status }) => status === 'deleted');
      await putBack(bed, [unknown, unfinished, gone]);
      return judgeRestored(ground, { unknown, unfinished, gone });
    });
    return { injected: 3, verdict };
  },
};

const isReady = (bed: FaultBed, storeId: string) =>
  bed.awaitStore(storeId, 'ready', ({ status }) => status === 'ready');

const judgeRestored = async (
  ground: Ground,
  { unknown, unfinished, gone }: { unknown: string; unfinished: string; gone: string },
): Promise<Verdict> => {
  const { bed } = ground;
  const before = clusterStateOf(bed, unknown);
  await until('the unknown one is reported', () => bed.output().includes(unknown), { timeoutMs: 60_000 });
  const finished = await follow(ground, unfinished, 'ready');
  await bed.awaitStore(gone, 'told to be away', ({ unavailable_since }) => unavailable_since !== null);
  await bed.delete(gone);
  const removed = await follow(ground, gone, 'deleted');
  const changed = changesBetween(before, clusterStateOf(bed, unknown));
  bed.emulator.store.remove(namespaces, undefined, unknown);
  return joinVerdicts([
    finished,
    removed,
    { ...blameless, lost: changed.map((what) => `${unknown}, which no row knows: ${what}`) },
  ]);
};

const backUp = (bed: FaultBed, storeIds: readonly string[]): Promise<void> =>
  bed.db.transaction(async (sql) => {
    await sql.query('set transaction isolation level repeatable read');
    await sql.query('create schema backup');
    for (const table of tables) {
      const ids = storeIds.map((id) => `'${id}'`).join(', ');
      await sql.query(`create table backup.${table} as select * from ${table} where store_id in (${ids})`);
    }
  });

/** With the workers of the days after it gone, as those who restore are told to. */
const putBack = async (bed: FaultBed, storeIds: readonly string[]): Promise<void> => {
  await bed.db.transaction(async (sql) => {
    await sql.query('delete from stores where store_id = any($1)', [storeIds]);
    for (const table of tables)
      await sql.query(`insert into ${table} overriding system value select * from backup.${table}`);
    await sql.query('drop schema backup cascade');
  });
  for (const { process } of bed.workers.workers()) process.kill('SIGKILL');
  await bed.workers.whole();
};
