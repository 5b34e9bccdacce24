import { StageName } from '@store-platform/shared/contract/stage';
import type { FaultBed } from '../fault-bed.ts';
import { oneStore, type FaultCase, type Grid } from '../fault-case.ts';

/** What lies between the platform and its rows. */
export const database: Grid = {
  name: 'database',
  title: "PostgreSQL's connections are cut; answers to a claim and to a commit are lost",
  promises: [1, 3, 4],
  cases: () =>
    StageName.options.flatMap((stage) => [
      ...['claimed', 'ran', 'committed'].map((moment) => cut(stage, moment)),
      unheard(stage, 'claimed'),
      unheard(stage, 'committed'),
      lostOnTheWay(stage),
    ]),
};

/** Everybody's connections, the leader's and the queue's among them. */
const cut = (stage: StageName, moment: string): FaultCase =>
  heldAt(`connections are cut at ${stage}, ${moment}`, stage, moment, (bed) => {
    const broken = bed.proxies.database.breakConnections();
    return () => broken;
  });

const unheard = (stage: StageName, moment: 'claimed' | 'committed'): FaultCase =>
  oneStore({
    name: `the answer to ${moment === 'claimed' ? 'a claim' : 'a commit'} is lost at ${stage}`,
    ends: 'ready',
    lay: (bed, storeId) => {
      const order = bed.workers.order({ storeId, stage, moment, action: 'lose' });
      return { met: order.met };
    },
  });

/** The next commit of all, most often that of this store, reaches PostgreSQL, and the connection ends. */
const lostOnTheWay = (stage: StageName): FaultCase =>
  heldAt(`a commit's answer is lost on its way at ${stage}`, stage, 'ran', (bed) =>
    bed.proxies.database.loseAnswerTo('commit', 1),
  );

/** Something is done to the bed while this store's worker waits at a point. */
const heldAt = (
  name: string,
  stage: StageName,
  moment: string,
  act: (bed: FaultBed) => () => number,
): FaultCase =>
  oneStore({
    name,
    ends: 'ready',
    lay: (bed, storeId) => {
      let happened = () => 0;
      const order = bed.workers.order({ storeId, stage, moment, action: 'hold' });
      void order.reached.then(() => {
        happened = act(bed);
        order.goOn();
      });
      return { met: () => Math.min(1, happened()) };
    },
  });
