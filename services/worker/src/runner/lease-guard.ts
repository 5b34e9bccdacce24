import { setTimeout as pause } from 'node:timers/promises';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { Sql } from '@store-platform/shared/db/database';
import { stillHolds } from '@store-platform/shared/db/stage-runs';
import type { HeldClaim, Lease } from './lease.ts';

const askAgainAfterMs = 50;

export type CallKind = 'write' | 'exec' | 'delete';

/**
 * Rule 4: Kubernetes has no fencing, so a call that changes something starts only if its time-out fits into what is
 * left of the lease, and what can't be taken back asks the row first. An exec may outlive the lease: the recipe's own
 * lock inside the container is its fence.
 * @throws the claim's abort reason, or PlatformError `internal` when the row says that the claim is lost.
 */
export const beforeCall =
  (db: Sql, lease: Pick<Lease, 'remainingMs'>, held: HeldClaim) =>
  async (kind: CallKind, timeoutMs: number): Promise<void> => {
    const needed = kind === 'exec' ? 0 : timeoutMs;
    for (;;) {
      held.signal.throwIfAborted();
      // The next heartbeat lengthens the lease; if none comes, the lease's end aborts the claim.
      while (lease.remainingMs() <= needed) await pause(askAgainAfterMs, undefined, { signal: held.signal });
      if (kind === 'write') return;
      if (!(await stillHolds(db, held.workerId, held.claim))) {
        throw new PlatformError('internal', 'This worker no longer holds the stage.');
      }
      // The row took its time to answer: what is left of the lease counts now.
      if (lease.remainingMs() > needed) return;
    }
  };
