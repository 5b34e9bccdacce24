import type { StoreDetail } from '@store-platform/shared/contract/store';
import type { StreamFault } from '../../../services/cluster-emulator/src/faults/faults.ts';
import { oneStore, type FaultCase, type Grid } from '../fault-case.ts';

/** The watches of all workers break, fall silent, forget, or tell what is no longer so. */
export const watches: Grid = {
  name: 'watches',
  title: 'A watch drops, falls silent, expires, or tells things twice, late or from before',
  promises: [1, 2, 8],
  cases: () => [
    ...watchedKinds.flatMap((resource) =>
      streamEffects.flatMap((effect) => [
        spoilt(resource, effect, 'the first'),
        spoilt(resource, effect, 'each'),
      ]),
    ),
    ...watchedKinds.map(silent),
    ...watchedKinds.map(refused),
  ],
};

export const watchedKinds = [
  'namespaces',
  'deployments',
  'replicasets',
  'pods',
  'persistentvolumeclaims',
] as const;
type Kind = (typeof watchedKinds)[number];

export const streamEffects = ['drop', 'expire', 'duplicate', 'stale', 'late'] as const;

type Which = 'the first' | 'each';

/** Each worker has its own stream, and each should meet it. */
const workersOfABed = 3;

/** What ends a stream ends it for every store: a few times are enough. */
const timesOf = (effect: StreamFault['effect'], which: Which): number => {
  if (which === 'the first') return workersOfABed;
  return effect === 'drop' || effect === 'expire' ? 4 * workersOfABed : Number.POSITIVE_INFINITY;
};

const spoilt = (resource: Kind, effect: StreamFault['effect'], which: Which): FaultCase =>
  oneStore({
    name: `${effect} at ${which} event of its ${resource}`,
    ends: 'ready',
    check: unharmed,
    lay: (bed, storeId) => {
      const namespace = storeId;
      return bed.emulator.faults.injectInStream({
        resource,
        namespace,
        times: timesOf(effect, which),
        effect,
      });
    },
  });

/** Alone: until it is noticed, every store waits that needs this stream. */
const silent = (resource: Kind): FaultCase =>
  oneStore({
    name: `silence from the first event of its ${resource}`,
    alone: true,
    ends: 'ready',
    check: unharmed,
    lay: (bed, storeId) =>
      bed.emulator.faults.injectInStream({
        resource,
        namespace: storeId,
        times: workersOfABed,
        effect: 'silence',
      }),
  });

/** Cut off, and what comes next is refused as well: the stream, which is too old by now, and the list in its place. */
const refused = (resource: Kind): FaultCase =>
  oneStore({
    name: `410 to the watch of ${resource} that goes on after a drop, and 503 to the list`,
    ends: 'ready',
    check: unharmed,
    lay: (bed, storeId) => {
      const { faults } = bed.emulator;
      const times = workersOfABed;
      const dropped = faults.injectInStream({ resource, namespace: storeId, times, effect: 'drop' });
      const status = { kind: 'status', message: 'not now' } as const;
      const expired = { ...status, code: 410, reason: 'Expired' };
      const away = { ...status, code: 503, reason: 'ServiceUnavailable' };
      const laid = [
        dropped,
        faults.inject({ method: 'WATCH', resource, times, effect: expired }),
        faults.inject({ method: 'GET', resource, times, effect: away }),
      ];
      return { met: () => laid.reduce((sum, fault) => sum + fault.met(), 0), wanted: 2 * times };
    },
  });

/** What a watch says wrongly fails nothing. */
const unharmed = ({ stages, events }: StoreDetail): string[] => [
  ...stages.flatMap(({ stage, attempt }) => (attempt > 1 ? [`${stage} took ${attempt} attempts`] : [])),
  ...events.flatMap(({ event_type, message }) => (event_type === 'shop_unavailable' ? [message] : [])),
];
