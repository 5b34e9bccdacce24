import { oneStore, type FaultCase, type Grid } from '../fault-case.ts';
import { nameOf, type Point } from '../point.ts';

/** SIGKILL at each point that a store passes: before and after each call, before and after the commit. */
export const crash: Grid = {
  name: 'crash',
  title: 'A worker is killed at each point of each stage',
  promises: [1, 2, 3, 4],
  cases: ({ points }) => points.map(killedAt),
};

const killedAt = ({ stage, moment }: Omit<Point, 'storeId'>): FaultCase =>
  oneStore({
    name: `killed at ${nameOf({ stage, moment })}`,
    ends: 'ready',
    lay: (bed, storeId) => {
      const order = bed.workers.order({ storeId, stage, moment, action: 'kill' });
      return { met: order.met };
    },
  });
