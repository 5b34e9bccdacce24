import { StageName } from '@store-platform/shared/contract/stage';
import { oneStore, type FaultCase, type Grid } from '../fault-case.ts';

const hourMs = 3_600_000;

/** No two clocks are ever compared, and no duration is measured by one that people set. */
export const clocks: Grid = {
  name: 'clocks',
  title: "The workers' clocks are put forward or back by an hour",
  promises: [1, 3],
  cases: () => StageName.options.flatMap((stage) => [stepped(stage, hourMs), stepped(stage, -hourMs)]),
};

const stepped = (stage: StageName, stepMs: number): FaultCase =>
  oneStore({
    name: `an hour ${stepMs > 0 ? 'forward' : 'back'} at ${stage}`,
    ends: 'ready',
    lay: (bed, storeId) => {
      let met = 0;
      const order = bed.workers.order({ storeId, stage, moment: 'claimed', action: 'hold' });
      void order.reached.then(() => {
        bed.workers.stepClocks(stepMs);
        met += 1;
        order.goOn();
      });
      return { met: () => met };
    },
  });
