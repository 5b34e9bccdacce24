import { deleteStore } from '@store-platform/shared/db/stores';
import { follow, oneStore, reporting, type FaultCase, type Grid } from '../fault-case.ts';

/** Deaths that come again, and the death of the API at its only dangerous moment. */
export const deaths: Grid = {
  name: 'deaths',
  title: 'The same stage dies five times in a row; the API dies between its commit and the queue',
  promises: [1, 2, 3, 4],
  cases: () => [...dyingStages.map(fiveTimes), unsentCreate, unsentDelete('claimed'), unsentDelete()],
};

const inARow = 5;

/** What is made first, what must least be done twice, and what removes everything. */
const dyingStages = ['namespace', 'wp-cli', 'teardown'] as const;

/** Each time with all of its work done, so that nothing is left to do but what must not be done twice. */
const fiveTimes = (stage: (typeof dyingStages)[number]): FaultCase =>
  oneStore({
    name: `${stage} dies ${inARow} times`,
    // Every death takes other stores' stages with it, and ten deaths are too many for a stage.
    alone: true,
    ends: 'ready',
    lay: (bed, storeId) => {
      const order = bed.workers.order({ storeId, stage, moment: 'ran', action: 'kill', times: inARow });
      return { met: order.met, wanted: inARow };
    },
  });

const unsentCreate = oneStore({
  name: 'the API dies after the commit of a create',
  ends: 'ready',
  lay: () => ({ met: () => 1 }),
  create: (bed, storeId) => bed.create(storeId, { sends: false }),
});

/** @param moment of wp-cli; unset, when the store is ready */
const unsentDelete = (moment?: string): FaultCase => ({
  name: `the API dies after the commit of a delete, ${moment ? 'while the store is made' : 'of a ready store'}`,
  run: async (ground) => {
    const { bed } = ground;
    const storeId = bed.newStoreId();
    const order = moment && bed.workers.order({ storeId, stage: 'wp-cli', moment, action: 'hold' });
    const verdict = await reporting(async () => {
      await bed.create(storeId);
      if (order) await order.reached;
      else await bed.awaitStore(storeId, 'ready', ({ status }) => status === 'ready');
      await deleteStore(bed.db, storeId);
      if (order) order.goOn();
      return follow(ground, storeId, 'deleted');
    });
    return { injected: 1, verdict };
  },
});
