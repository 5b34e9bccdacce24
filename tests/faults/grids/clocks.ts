import { setTimeout as pause } from 'node:timers/promises';
import { StageName } from '@store-platform/shared/contract/stage';
import type { FaultBed } from '../fault-bed.ts';
import { oneStore, type FaultCase, type Grid } from '../fault-case.ts';
import { blameless, joinVerdicts } from '../oracle.ts';

const hourMs = 3_600_000;

/** No two clocks are ever compared, and no duration is measured by one that people set. */
export const clocks: Grid = {
  name: 'clocks',
  title: "The workers' clocks are put forward or back by an hour",
  promises: [1, 3],
  cases: ({ points }) =>
    StageName.options.flatMap((stage) => {
      // At its first call; verify makes none.
      const isCall = (point: (typeof points)[number]) =>
        point.stage === stage && point.moment.startsWith('before ');
      const moment = points.find(isCall)?.moment ?? 'ran';
      return [stepped(stage, moment, hourMs), stepped(stage, moment, -hourMs)];
    }),
};

const stepped = (stage: StageName, moment: string, stepMs: number): FaultCase => {
  let id = '';
  const { run, ...rest } = oneStore({
    name: `an hour ${stepMs > 0 ? 'forward' : 'back'} at ${stage}`,
    ends: 'ready',
    lay: (bed, storeId) => {
      id = storeId;
      let met = 0;
      const order = bed.workers.order({ storeId, stage, moment, action: 'hold' });
      void order.reached.then(async () => {
        bed.workers.stepClocks(stepMs);
        met += 1;
        await leaderLooks();
        order.goOn();
      });
      return { met: () => met };
    },
  });
  return {
    ...rest,
    run: async (ground) => {
      const { verdict, ...result } = await run(ground);
      const different = await claimedAgain(ground.bed, id);
      return { ...result, verdict: joinVerdicts([verdict, { ...blameless, different }]) };
    },
  };
};

/** Whoever judges by a clock that was put forward has its chance to say that a worker died. */
const leaderLooks = () => pause(500);

/** A worker that is called dead, or gives its stage back, is one whose time was measured by such a clock. */
const claimedAgain = async (bed: FaultBed, storeId: string): Promise<string[]> => {
  const runs = await bed.db.query('select stage, epoch from stage_runs where store_id = $1 and epoch > 1', [
    storeId,
  ]);
  return runs.map(({ stage, epoch }) => `${storeId}: ${String(stage)} was claimed ${String(epoch)} times`);
};
