import { StageName } from '@store-platform/shared/contract/stage';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { namespaces } from '../../../services/cluster-emulator/src/objects/resources.ts';
import { startLeader } from '../../../services/worker/src/leader/leader.ts';
import { createSweeps } from '../../../services/worker/src/leader/sweeps.ts';
import { generationLabel } from '../../../services/worker/src/manifests/labels.ts';
import type { FaultBed } from '../fault-bed.ts';
import { oneStore, reporting, type FaultCase, type Grid } from '../fault-case.ts';
import { followAll } from '../follow-all.ts';

/** Who leads may change at any moment, and for a moment two may think that they do. */
export const leaders: Grid = {
  name: 'leaders',
  title: 'The leader dies or loses its session; two lead at once',
  promises: [1, 3, 6],
  cases: () => [...StageName.options.map(deposed), killedInTurn, twoAtOnce],
};

/** It may be in the middle of a sweep, which goes on while another one comes to office. */
const deposed = (stage: StageName): FaultCase =>
  oneStore({
    name: `the leader's session ends at ${stage}`,
    ends: 'ready',
    lay: (bed, storeId) => {
      let met = 0;
      const order = bed.workers.order({ storeId, stage, moment: 'claimed', action: 'hold' });
      void order.reached.then(async () => {
        await endLeadership(bed);
        met += 1;
        order.goOn();
      });
      return { met: () => met };
    },
  });

const endLeadership = ({ db }: FaultBed) =>
  db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'store-platform-leader' and datname = current_database()`,
  );

/** One of them leads. */
const killedInTurn: FaultCase = {
  name: 'every worker is killed, one after the other',
  alone: true,
  run: async (ground) => {
    const { bed } = ground;
    const storeIds = Array.from({ length: 6 }, () => bed.newStoreId());
    let killed = 0;
    const verdict = await reporting(async () => {
      for (const storeId of storeIds) await bed.create(storeId);
      for (const { process } of bed.workers.workers()) {
        process.kill('SIGKILL');
        killed += 1;
        await bed.workers.whole();
      }
      return followAll(ground, storeIds);
    });
    return { injected: killed, verdict };
  },
};

/** A second one sweeps all the time, in this process, while workers die at every stage. */
const twoAtOnce: FaultCase = {
  name: 'two lead while workers die',
  alone: true,
  run: async (ground) => {
    const { bed } = ground;
    const second = secondLeader(bed);
    const orders = StageName.options.map((stage) => {
      const storeId = bed.newStoreId();
      return { storeId, order: bed.workers.order({ storeId, stage, moment: 'ran', action: 'kill' }) };
    });
    const verdict = await reporting(async () => {
      for (const { storeId } of orders) await bed.create(storeId);
      return followAll(
        ground,
        orders.map(({ storeId }) => storeId),
      );
    });
    await second.stop();
    return { injected: orders.reduce((sum, { order }) => sum + order.met(), 0), verdict };
  },
};

const secondLeader = ({ db, queue, emulator }: FaultBed) =>
  startLeader({
    leadership: { hold: async () => true, release: async () => undefined },
    createSweeps: () =>
      createSweeps(
        {
          db,
          queue,
          cluster: {
            uid: 'of nobody',
            namespaces: () =>
              emulator.store
                .list(namespaces, undefined)
                .flatMap(({ metadata: { name, labels, deletionTimestamp } }) => {
                  const generation = Number(labels?.[generationLabel]);
                  return generation > 0 && !deletionTimestamp ? [{ name, generation }] : [];
                }),
            seeShops: () => undefined,
          },
          logger: silentLogger,
          timing: { deadAfterMs: 6000, unclaimedAfterMs: 400 },
          now: () => performance.now(),
          listReadyStoreIds: async () => [],
          lookAhead: async () => undefined,
        },
        { fast: 50, slow: 200, minute: 60_000, rare: 60_000 },
      ),
    logger: silentLogger,
    tickMs: 20,
    now: () => performance.now(),
  });
