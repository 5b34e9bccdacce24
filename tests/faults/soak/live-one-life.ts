import { setTimeout as pause } from 'node:timers/promises';
import type { StoreDetail } from '@store-platform/shared/contract/store';
import type { Fault } from '../../../services/cluster-emulator/src/faults/faults.ts';
import type { FaultBed } from '../fault-bed.ts';
import { reporting, type Ground } from '../fault-case.ts';
import { status } from '../grids/kube-troubles.ts';
import {
  crashes,
  exits,
  layInPod,
  noImage,
  notReady,
  outOfMemory,
  type PodTrouble,
} from '../grids/pod-troubles.ts';
import { streamEffects, watchedKinds } from '../grids/watches.ts';
import { joinVerdicts, judgeFailed, judgeGone, judgeReady, settled, type Verdict } from '../oracle.ts';
import type { ApiProcess } from './start-api.ts';

/** What became of one store of a soak. */
export interface Life {
  /** The codes it failed with, in their order. */
  readonly failures: readonly string[];
  /** How many faults of its own it met. */
  readonly met: number;
  readonly verdict: Verdict;
}

interface Options {
  readonly ground: Ground;
  readonly api: ApiProcess;
  readonly random: () => number;
  readonly number: number;
}

/** As the store has that is the reference. */
const name = 'Fault & Sons';
const forGood = Number.POSITIVE_INFINITY;
const patienceMs = 300_000;
const sweepMs = 10_000;

/** A store is created, meets what chance has laid out for it, is deleted midway, or retried, and goes in the end. */
export const liveOneLife = async ({ ground, api, random, number }: Options): Promise<Life> => {
  const { bed } = ground;
  const failures: string[] = [];
  let met = () => 0;
  const verdict = await reporting(async () => {
    const isHasty = random() < 0.2;
    const storeId = random() < 0.1 ? await createUnsent(bed) : await api.create(name, `soak-${number}`);
    const trouble = layTrouble(bed, storeId, random);
    met = trouble.met;
    if (isHasty) {
      await pause(random() * 3000);
      return gone(ground, api, storeId);
    }
    const end = await bed.awaitStore(storeId, 'at an end', isAtAnEnd, patienceMs);
    if (end.status === 'ready')
      return joinVerdicts([judgeReady(bed, end, ground.reference), await gone(ground, api, storeId)]);
    failures.push(end.error_code ?? 'none');
    trouble.heal();
    const judged = judgeFailed(bed, end);
    if (random() < 0.5) return joinVerdicts([judged, await gone(ground, api, storeId)]);
    await api.retry(storeId);
    const again = await bed.awaitStore(
      storeId,
      'ready',
      ({ status: is, generation }) => generation === 2 && (is === 'ready' || is === 'failed'),
      patienceMs,
    );
    if (again.status === 'failed') failures.push(again.error_code ?? 'none');
    const judgedAgain = again.status === 'ready' ? judgeReady(bed, again, ground.reference) : undefined;
    return joinVerdicts([judged, ...(judgedAgain ? [judgedAgain] : []), await gone(ground, api, storeId)]);
  });
  return { failures, met: met(), verdict };
};

const createUnsent = async (bed: FaultBed): Promise<string> => {
  const storeId = bed.newStoreId();
  await bed.create(storeId, { sends: false });
  return storeId;
};

/**
 * A call that was under way when its claim was aborted may take effect behind the clean-up: Kubernetes has no fencing. The
 * leader's sweep (rule 5) has its time to remove what came of it.
 */
const gone = async ({ bed }: Ground, api: ApiProcess, storeId: string): Promise<Verdict> => {
  await api.delete(storeId);
  const deleted = await bed.awaitStore(storeId, 'deleted', ({ status: is }) => is === 'deleted', patienceMs);
  return settled(async () => judgeGone(bed, deleted), sweepMs);
};

const isAtAnEnd = ({ status: is, cleaned_up_at }: StoreDetail): boolean =>
  is === 'ready' || (is === 'failed' && cleaned_up_at !== null);

const answers: readonly Fault['effect'][] = [
  status(409, 'Conflict', 'Operation cannot be fulfilled: the object has been modified'),
  status(
    403,
    'Forbidden',
    'it is forbidden: exceeded quota: store, requested: pods=1, used: pods=9, limited: pods=9',
  ),
  status(429, 'TooManyRequests', 'too many requests', 1),
  status(500, 'InternalError', 'etcdserver: request timed out'),
  { kind: 'cut' },
  { kind: 'answer lost' },
  { kind: 'hang' },
];
const inPods: readonly { trouble: PodTrouble; times: number }[] = [
  { trouble: crashes, times: 1 },
  { trouble: crashes, times: forGood },
  { trouble: outOfMemory, times: 1 },
  { trouble: outOfMemory, times: forGood },
  { trouble: noImage, times: 1 },
  { trouble: noImage, times: forGood },
  { trouble: notReady, times: 20 },
  { trouble: exits, times: 1 },
  { trouble: exits, times: forGood },
];

/** Half of the stores have none of their own. */
const layTrouble = (bed: FaultBed, storeId: string, random: () => number) => {
  const one = <T>(of: readonly T[]): T | undefined => of[Math.floor(random() * of.length)];
  const kind = one(['none', 'none', 'none', 'answer', 'stream', 'pod'] as const);
  const [answer, stream, resource, inPod] = [
    one(answers),
    one(streamEffects),
    one(watchedKinds),
    one(inPods),
  ];
  const passes = { heal: () => true };
  if (kind === 'answer' && answer)
    return { ...passes, ...bed.emulator.faults.inject({ namespace: storeId, times: 1, effect: answer }) };
  if (kind === 'stream' && stream && resource)
    return {
      ...passes,
      ...bed.emulator.faults.injectInStream({ namespace: storeId, resource, times: 2, effect: stream }),
    };
  if (kind === 'pod' && inPod) {
    const laid = layInPod(bed, storeId, { app: 'woocommerce', ...inPod });
    return { met: () => Math.min(1, laid.met()), heal: laid.heal };
  }
  return { ...passes, met: () => 0 };
};
