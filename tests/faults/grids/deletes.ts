import { provisioningStages, type StageName } from '@store-platform/shared/contract/stage';
import type { StoreDetail } from '@store-platform/shared/contract/store';
import { until } from '@store-platform/shared/testing/until';
import type { FaultBed } from '../fault-bed.ts';
import { oneStore, type FaultCase, type Grid } from '../fault-case.ts';
import { nameOf, type Point } from '../point.ts';

/** Somebody deletes the store, once or twice, at each point of its life. */
export const deletes: Grid = {
  name: 'deletes',
  title: 'A store is deleted at each point of its life, once and twice',
  promises: [1, 2, 5],
  cases: ({ points }) => {
    const made = points.filter(({ stage }) => stage !== 'teardown');
    const cleaned = points.filter(({ stage }) => stage === 'teardown');
    return [
      ...eachTimes((times) => made.map((point) => whileMade(point, times))),
      ...cleaned.map(againWhileDeleted),
      ...eachTimes((times) => cleaned.map((point) => whileCleanedUp(point, times))),
      ...eachTimes((times) => [onceReady(times), onceFailed(times), whileRetryWaits(times)]),
      ...eachTimes((times) => provisioningStages.map((stage) => whileRetried(stage, times))),
      ...waits.map(whileWaiting),
    ];
  },
};

type Times = 1 | 2;

const eachTimes = (casesOf: (times: Times) => readonly FaultCase[]): FaultCase[] => [
  ...casesOf(1),
  ...casesOf(2),
];
const timesOf = (times: Times): string => (times === 1 ? 'once' : 'twice');

/** Twice: two people in one moment. */
const press = async (bed: FaultBed, storeId: string, times: Times): Promise<void> => {
  await Promise.all(Array.from({ length: times }, () => bed.delete(storeId)));
};

const patience = { timeoutMs: 300_000, everyMs: 20 };

/** The worker waits at the point until `act` is over. */
const holdAt = (
  bed: FaultBed,
  point: Point,
  act: () => Promise<void>,
): { met(): number; meanwhile: Promise<void> } => {
  const { storeId, stage, moment } = point;
  const order = bed.workers.order({ storeId, stage, moment, action: 'hold' });
  const goOn = async () => {
    await until(`${nameOf(point)} is reached`, () => order.met() > 0, patience);
    await act();
    order.goOn();
  };
  return { met: order.met, meanwhile: goOn() };
};

/** However often it was asked for, it is told once. */
const toldOnce = ({ events }: StoreDetail): string[] =>
  ['delete_requested', 'store_deleted'].flatMap((type) => {
    const times = events.filter(({ event_type }) => event_type === type).length;
    return times === 1 ? [] : [`${type} was told ${times} times`];
  });

type PointOfStage = Omit<Point, 'storeId'>;

const whileMade = (point: PointOfStage, times: Times): FaultCase =>
  oneStore({
    name: `deleted ${timesOf(times)} at ${nameOf(point)}`,
    ends: 'deleted',
    check: toldOnce,
    lay: (bed, storeId) => holdAt(bed, { ...point, storeId }, () => press(bed, storeId, times)),
  });

/** The first time is when the store is ready, as in every case that ends so. */
const againWhileDeleted = (point: PointOfStage): FaultCase =>
  oneStore({
    name: `deleted again at ${nameOf(point)}`,
    ends: 'deleted',
    check: toldOnce,
    lay: (bed, storeId) => {
      const held = holdAt(bed, { ...point, storeId }, () => press(bed, storeId, 1));
      const first = bed.awaitStore(storeId, 'ready', ({ status }) => status === 'ready');
      return { ...held, meanwhile: Promise.all([first.then(() => bed.delete(storeId)), held.meanwhile]) };
    },
  });

/** A claim that the cluster refuses, for good: the store fails early. */
const refuseClaim = (bed: FaultBed, storeId: string) =>
  bed.emulator.faults.inject({
    method: 'PATCH',
    resource: 'persistentvolumeclaims',
    namespace: storeId,
    times: 1,
    effect: { kind: 'status', code: 422, reason: 'Invalid', message: 'it is invalid' },
  });

const whileCleanedUp = (point: PointOfStage, times: Times): FaultCase =>
  oneStore({
    name: `failed, and deleted ${timesOf(times)} at ${nameOf(point)}`,
    ends: 'deleted',
    check: toldOnce,
    lay: (bed, storeId) => {
      refuseClaim(bed, storeId);
      return holdAt(bed, { ...point, storeId }, () => press(bed, storeId, times));
    },
  });

const awaitCleanedUp = (bed: FaultBed, storeId: string) =>
  bed.awaitStore(storeId, 'cleaned up', ({ cleaned_up_at }) => cleaned_up_at !== null);

/** Does what `act` says when the store is as wanted. */
const after = (ready: Promise<unknown>, act: () => Promise<void>) => {
  let done = 0;
  const meanwhile = ready.then(act).then(() => (done += 1));
  return { met: () => done, meanwhile };
};

const onceReady = (times: Times): FaultCase =>
  oneStore({
    name: `deleted ${timesOf(times)} when it is ready`,
    ends: 'deleted',
    check: toldOnce,
    lay: (bed, storeId) =>
      after(
        bed.awaitStore(storeId, 'ready', ({ status }) => status === 'ready'),
        () => press(bed, storeId, times),
      ),
  });

const onceFailed = (times: Times): FaultCase =>
  oneStore({
    name: `failed and cleaned up, then deleted ${timesOf(times)}`,
    ends: 'deleted',
    check: toldOnce,
    lay: (bed, storeId) => {
      refuseClaim(bed, storeId);
      return after(awaitCleanedUp(bed, storeId), () => press(bed, storeId, times));
    },
  });

const whileRetryWaits = (times: Times): FaultCase =>
  oneStore({
    name: `failed, retried, and deleted ${timesOf(times)} before it is cleaned up`,
    ends: 'deleted',
    check: toldOnce,
    lay: (bed, storeId) => {
      refuseClaim(bed, storeId);
      return holdAt(bed, { storeId, stage: 'teardown', moment: 'before delete Namespace' }, async () => {
        await bed.retry(storeId);
        await press(bed, storeId, times);
      });
    },
  });

const whileRetried = (stage: StageName, times: Times): FaultCase =>
  oneStore({
    name: `failed, retried, and deleted ${timesOf(times)} when ${stage} is claimed`,
    ends: 'deleted',
    check: toldOnce,
    lay: (bed, storeId) => {
      refuseClaim(bed, storeId);
      const retried = async () => {
        await awaitCleanedUp(bed, storeId);
        const held = holdAt(bed, { storeId, stage, moment: 'claimed' }, () => press(bed, storeId, times));
        await bed.retry(storeId);
        await held.meanwhile;
      };
      return after(Promise.resolve(), retried);
    },
  });

/** What would go on without end is given up within less time than the stage has. */
const givenUpWithinMs = 25_000;

const waits = [
  { stage: 'mysql', what: 'MySQL never answers', trouble: { app: 'mysql', isReady: async () => false } },
  {
    stage: 'wordpress',
    what: 'WordPress never answers',
    trouble: { app: 'woocommerce', isReady: async () => false },
  },
  {
    stage: 'wp-cli',
    what: 'the recipe never ends',
    trouble: { app: 'woocommerce', exec: async () => new Promise<number>(() => undefined) },
  },
] as const;

const whileWaiting = ({ stage, what, trouble }: (typeof waits)[number]): FaultCase =>
  oneStore({
    name: `deleted while ${what}`,
    ends: 'deleted',
    timeoutMs: givenUpWithinMs,
    check: toldOnce,
    lay: (bed, storeId) => {
      bed.runtime.trouble({ namespace: storeId, ...trouble });
      // Before its first event, its next one would tell the worker that it has lost the run.
      const isWaiting = ({ stages, events }: StoreDetail) =>
        stages.some((run) => run.stage === stage && run.status === 'running') &&
        (stage === 'wp-cli' || events.some((event) => event.stage === stage));
      return after(bed.awaitStore(storeId, `in ${stage}`, isWaiting), () => press(bed, storeId, 1));
    },
  });
