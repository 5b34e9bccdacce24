import type { StoreDetail } from '@store-platform/shared/contract/store';
import { until } from '@store-platform/shared/testing/until';
import type { FaultBed } from './fault-bed.ts';
import {
  blameless,
  joinVerdicts,
  judgeFailed,
  judgeGone,
  judgeReady,
  type EndState,
  type Verdict,
} from './oracle.ts';
import type { Point } from './point.ts';
import { wordsOf } from '@store-platform/shared/text/words-of';

/** What a case may count on. */
export interface Ground {
  readonly bed: FaultBed;
  /** Of a store that met no fault, on this very bed. */
  readonly reference: EndState;
}

export interface CaseResult {
  /** How many faults were really met. */
  readonly injected: number;
  readonly verdict: Verdict;
  /** Why it proves nothing, e.g. since another case's death came first. It is tried again then. */
  readonly unmet?: string;
}

/** One thing that goes wrong, and what becomes of the stores that meet it. */
export interface FaultCase {
  readonly name: string;
  /** It hurts the whole bed: nothing else runs meanwhile. */
  readonly alone?: boolean;
  run(ground: Ground): Promise<CaseResult>;
}

interface CaseContext {
  readonly seed: number;
  /** Every point that a store without faults passes from its creation to its deletion, in their order. */
  readonly points: readonly Omit<Point, 'storeId'>[];
  /** How many stores are many. */
  readonly crowd: number;
}

/** One table of the report. */
export interface Grid {
  /** As `--only` names it. */
  readonly name: string;
  /** One line for the report: what goes wrong. */
  readonly title: string;
  /** The promises (of `docs/reliability.md`) that it holds. */
  readonly promises: readonly number[];
  cases(context: CaseContext): Iterable<FaultCase>;
}

/** A fault that lies in wait for one store. */
interface Laid {
  met(): number;
  /** How often it must be met, else the case proves nothing; unset, once. */
  readonly wanted?: number;
  /** What happens while the store is made, e.g. a person who deletes it. The case goes on when it resolves. */
  readonly meanwhile?: Promise<unknown>;
}

export interface OneStoreCase {
  readonly name: string;
  readonly alone?: boolean;
  /** What becomes of the store. */
  readonly ends: 'ready' | 'failed' | 'deleted';
  readonly timeoutMs?: number;
  /** What else is wanted of its end: the reason of a failure, how many attempts it took. @returns what is wrong */
  check?(store: StoreDetail): readonly string[];
  /** Before the store is created; it has no row yet. */
  lay(bed: FaultBed, storeId: string): Laid;
  /** Unset, as `POST /api/stores` does it. */
  create?(bed: FaultBed, storeId: string): Promise<void>;
}

/**
 * A case with one store. When it has come to its end, the rest of its life is tried too: one that failed is retried and
 * must become ready, and one that is ready is deleted and must leave nothing.
 */
export const oneStore = ({
  name,
  alone = false,
  ends,
  timeoutMs,
  check,
  lay,
  create,
}: OneStoreCase): FaultCase => ({
  name,
  alone,
  run: async (ground) => {
    const { bed } = ground;
    const storeId = bed.newStoreId();
    const laid = lay(bed, storeId);
    const verdict = await reporting(async () => {
      await (create ? create(bed, storeId) : bed.create(storeId));
      await laid.meanwhile;
      return follow(ground, storeId, ends, { timeoutMs, check });
    });
    const wanted = laid.wanted ?? 1;
    // What comes last in a store's life may be met a moment after its row has come to its end.
    await until('it is met', () => laid.met() >= wanted, { timeoutMs: 20_000 }).catch(() => undefined);
    const met = laid.met();
    if (met >= wanted) return { injected: met, verdict };
    return { injected: met, verdict, unmet: `${name}: the fault was met ${met} times, not ${wanted}` };
  },
});

/** Waits for an end and judges it; then the rest of the store's life. */
export const follow = async (
  ground: Ground,
  storeId: string,
  ends: OneStoreCase['ends'],
  {
    timeoutMs,
    check = () => [],
  }: { timeoutMs?: number | undefined; check?: OneStoreCase['check'] | undefined } = {},
): Promise<Verdict> => {
  const { bed, reference } = ground;
  const checked = (store: StoreDetail): Verdict => ({
    ...blameless,
    different: check(store).map((what) => `${storeId}: ${what}`),
  });
  if (ends === 'deleted') {
    const deleted = await bed.awaitStore(storeId, 'deleted', ({ status }) => status === 'deleted', timeoutMs);
    return joinVerdicts([judgeGone(bed, deleted), checked(deleted)]);
  }
  if (ends === 'failed') {
    const failed = await bed.awaitStore(storeId, 'failed and cleaned up', isCleanedUp, timeoutMs);
    const verdict = joinVerdicts([judgeFailed(bed, failed), checked(failed)]);
    await bed.retry(storeId);
    return joinVerdicts([verdict, await follow(ground, storeId, 'ready')]);
  }
  const ready = await bed.awaitStore(storeId, 'ready', isReady, timeoutMs);
  const verdict = joinVerdicts([judgeReady(bed, ready, reference), checked(ready)]);
  await bed.delete(storeId);
  return joinVerdicts([verdict, await follow(ground, storeId, 'deleted')]);
};

const isCleanedUp = ({ status, cleaned_up_at }: StoreDetail): boolean =>
  status === 'failed' && cleaned_up_at !== null;

/** One that failed isn't waited for any longer. */
const isReady = ({ status, error, store_id }: StoreDetail): boolean => {
  if (status === 'failed') throw new Error(`${store_id} failed: ${error}`);
  return status === 'ready';
};

/** A store that doesn't come to its end is lost, and says how it stands. */
export const reporting = (judge: () => Promise<Verdict>): Promise<Verdict> =>
  judge().catch((error: unknown) => ({
    ...blameless,
    lost: [wordsOf(error)],
  }));
