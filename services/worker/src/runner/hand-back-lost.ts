import type { Database } from '@store-platform/shared/db/database';
import { transitionStore } from '@store-platform/shared/db/transition-store';
import type { HeldRun } from '@store-platform/shared/db/workers';
import { closeClaim } from '@store-platform/shared/lifecycle/transitions';

/** A claim whose answer was lost (rule 11): the rows say that this worker runs it, and it doesn't. */
export const handBackLost = async (db: Database, run: HeldRun, workerId: string): Promise<void> => {
  const outcome = { kind: 'handed back', reason: 'the claim was lost on its way' } as const;
  // A cancellation has raised the epoch of the claim since.
  const claim = run.status === 'cancelling' ? { ...run, epoch: run.epoch - 1 } : run;
  await transitionStore(db, run.storeId, (state) => closeClaim(state, claim, workerId, outcome, 0));
};
