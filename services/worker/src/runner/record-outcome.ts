import { setTimeout as pause } from 'node:timers/promises';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { Database } from '@store-platform/shared/db/database';
import { transitionStore } from '@store-platform/shared/db/transition-store';
import type { Outcome } from '@store-platform/shared/lifecycle/store-state';
import { closeClaim } from '@store-platform/shared/lifecycle/transitions';
import type { HeldClaim, Lease } from './lease.ts';

const askAgainAfterMs = 500;

/**
 * Writes the outcome. While the database is away it is tried again as long as the lease lasts: the row's epoch refuses
 * a worker that was declared dead meanwhile, and a commit whose answer was lost (rule 11).
 * @returns `'dropped'` when the run had moved on before this outcome was ever written.
 * @throws PlatformError `database_away` when the lease ended first.
 */
export const recordOutcome = async (
  db: Database,
  lease: Pick<Lease, 'remainingMs'>,
  { claim, workerId }: HeldClaim,
  outcome: Outcome,
  watchedMs: number,
): Promise<'recorded' | 'dropped'> => {
  for (let answersLost = 0; ; answersLost += 1) {
    try {
      const result = await transitionStore(db, claim.storeId, (state) =>
        closeClaim(state, claim, workerId, outcome, watchedMs),
      );
      // Refused after a lost answer: that commit closed the claim.
      return result === 'refused' && answersLost === 0 ? 'dropped' : 'recorded';
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code !== 'database_away') throw error;
      if (lease.remainingMs() <= 0) throw error;
      await pause(askAgainAfterMs);
    }
  }
};
