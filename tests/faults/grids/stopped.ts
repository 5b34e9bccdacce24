import { until } from '@store-platform/shared/testing/until';
import type { FaultBed } from '../fault-bed.ts';
import { follow, reporting, type FaultCase, type Grid } from '../fault-case.ts';
import { blameless, joinVerdicts } from '../oracle.ts';
import { nameOf, type Point } from '../point.ts';
import { changesBetween, stateOf } from '../state-of.ts';

/** A worker that outlives its lease without knowing it: SIGSTOP, and SIGCONT when others have done its work. */
export const stopped: Grid = {
  name: 'stopped',
  title: 'A worker stands still past its lease, comes back, and writes nothing',
  promises: [3, 4, 7],
  cases: ({ points }) =>
    points
      .filter(({ moment }, index) => moment === 'ran' || isLastCall(points, index))
      .map((point) => stoppedAt(point)),
};

type PointOfStage = Omit<Point, 'storeId'>;

/** What comes back before a call makes the call; before its end, it writes its outcome. */
const isLastCall = (points: readonly PointOfStage[], index: number): boolean => {
  const { stage } = points[index] ?? {};
  const isCall = (point: PointOfStage) => point.stage === stage && point.moment.startsWith('before ');
  return points.findLastIndex(isCall) === index;
};

const patienceMs = 300_000;

const stoppedAt = (point: PointOfStage): FaultCase => ({
  name: `stopped at ${nameOf(point)}`,
  // While one stands still, the others do all the work; two that stand still would leave one.
  alone: true,
  run: async (ground) => {
    const { bed } = ground;
    const storeId = bed.newStoreId();
    const order = bed.workers.order({ storeId, ...point, action: 'stop' });
    let wake = (): unknown => undefined;
    const verdict = await reporting(async () => {
      const end = point.stage === 'teardown' ? 'deleted' : 'ready';
      await bed.create(storeId);
      if (end === 'deleted') {
        await bed.awaitStore(storeId, 'ready', ({ status }) => status === 'ready');
        await bed.delete(storeId);
      }
      await until('a worker comes to it', () => order.met() > 0, { timeoutMs: patienceMs });
      const worker = await order.reached;
      wake = () => worker.process.kill('SIGCONT');
      await bed.awaitStore(storeId, end, ({ status }) => status === end);
      const before = await stateOf(bed, storeId);
      wake();
      await bornAgain(bed, worker.pid);
      const written = changesBetween(before, await stateOf(bed, storeId));
      return joinVerdicts([
        { ...blameless, doubled: written.map((what) => `${storeId}, ${nameOf(point)}: ${what}`) },
        await follow(ground, storeId, end),
      ]);
    });
    wake();
    return { injected: order.met(), verdict };
  },
});

/** It has learned that it was declared dead, and has beaten under its new id since: what it held is dropped. */
const bornAgain = (bed: FaultBed, pid: number): Promise<unknown> =>
  until(
    'it goes on under a new id',
    async () => {
      const [row] = await bed.db.query('select counter from workers where pid = $1 and dead_at is null', [
        pid,
      ]);
      return Number(row?.['counter'] ?? 0) >= 6;
    },
    { timeoutMs: patienceMs, everyMs: 100 },
  );
