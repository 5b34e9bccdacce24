import { follow, reporting, type Ground } from './fault-case.ts';
import type { FaultBed } from './fault-bed.ts';
import { readyStateOf, wrongs } from './oracle.ts';
import type { Point } from './point.ts';

type PointOfStage = Omit<Point, 'storeId'>;

/**
 * What a store looks like that meets no fault, and which points it passes from its creation to its end.
 * @throws Error when it fares badly
 */
export const lookWithoutFaults = async (
  bed: FaultBed,
): Promise<Pick<Ground, 'reference'> & { points: PointOfStage[] }> => {
  const storeId = bed.newStoreId();
  const points: PointOfStage[] = [];
  const trace = bed.workers.order({
    storeId,
    action: 'note',
    times: Number.POSITIVE_INFINITY,
    onReached: ({ stage, moment }) => points.push({ stage, moment }),
  });
  await bed.create(storeId);
  const ready = await bed.awaitStore(storeId, 'ready', ({ status }) => status === 'ready');
  const reference = readyStateOf(bed, ready);
  const verdict = await reporting(() => follow({ bed, reference }, storeId, 'ready'));
  trace.withdraw();
  const wrong = wrongs(verdict);
  if (wrong.length > 0) throw new Error(`A store without faults fares badly: ${wrong.join('\n')}`);
  return { reference, points };
};
