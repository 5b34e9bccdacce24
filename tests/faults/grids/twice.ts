import { provisioningStages, type StageName } from '@store-platform/shared/contract/stage';
import type { FaultBed } from '../fault-bed.ts';
import { follow, reporting, type FaultCase, type Grid } from '../fault-case.ts';
import { blameless, joinVerdicts } from '../oracle.ts';
import { changesBetween, clusterStateOf } from '../state-of.ts';

/** Everything can run twice: what should exist is there already. */
export const twice: Grid = {
  name: 'twice',
  title: 'Every stage runs a second time and changes nothing',
  promises: [4],
  cases: () => [...provisioningStages.map(again), tornDownAgain],
};

const again = (stage: StageName): FaultCase => ({
  name: `${stage} runs again`,
  run: async (ground) => {
    const { bed } = ground;
    const storeId = bed.newStoreId();
    let ran = 0;
    const verdict = await reporting(async () => {
      await bed.create(storeId);
      await bed.awaitStore(storeId, 'ready', ({ status }) => status === 'ready');
      const before = clusterStateOf(bed, storeId);
      ran = await runAgain(bed, storeId, stage);
      const written = changesBetween(before, clusterStateOf(bed, storeId));
      await bed.delete(storeId);
      return joinVerdicts([
        { ...blameless, doubled: written.map((what) => `${storeId}, ${stage} a second time: ${what}`) },
        await follow(ground, storeId, 'deleted'),
      ]);
    });
    return { injected: ran, verdict };
  },
});

/** Of a store that is gone. */
const tornDownAgain: FaultCase = {
  name: 'teardown runs again',
  run: async (ground) => {
    const { bed } = ground;
    const storeId = bed.newStoreId();
    let ran = 0;
    const verdict = await reporting(async () => {
      await bed.create(storeId);
      const first = await follow(ground, storeId, 'ready');
      ran = await runAgain(bed, storeId, 'teardown');
      return joinVerdicts([first, await follow(ground, storeId, 'deleted')]);
    });
    return { injected: ran, verdict };
  },
};

/** Its row is put back to before it ran. Resolves when the store has come to its end once more. @returns 1 */
const runAgain = async (bed: FaultBed, storeId: string, stage: StageName): Promise<number> => {
  const end = stage === 'teardown' ? 'deleted' : 'ready';
  const order = bed.workers.order({ storeId, stage, moment: 'ran', action: 'note' });
  await bed.db.transaction(async (sql) => {
    await sql.query('update stores set status = $2, cleaned_up_at = null where store_id = $1', [
      storeId,
      end === 'deleted' ? 'deleting' : 'provisioning',
    ]);
    await sql.query(
      `update stage_runs set status = 'due', due_at = clock_timestamp(), sent_at = null, dispatch = dispatch + 1,
         worker_id = null, finished_at = null
       where store_id = $1 and stage = $2`,
      [storeId, stage],
    );
  });
  await bed.awaitStore(storeId, `${end} again`, ({ status }) => order.met() > 0 && status === end);
  return order.met();
};
