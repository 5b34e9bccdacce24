import { setTimeout as pause } from 'node:timers/promises';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { Sql } from '@store-platform/shared/db/database';
import { stillHolds } from '@store-platform/shared/db/stage-runs';
import type { HeldClaim, Lease } from './lease.ts';

const askAgainAfterMs = 50;

export type CallKind = 'read' | 'write' | 'exec' | 'delete';

/**
 * Rule 4: Kubernetes has no fencing, so a call that changes something starts only if its time-out fits into what is
 * left of the lease, and what can't be taken back asks the row first. An exec may outlive the lease: the recipe's own
 * lock inside the container is its fence.
 * @throws the claim's abort reason, or PlatformError `internal` when the row says that the claim is lost.
 */
export const beforeCall =
  (db: Sql, lease: Pick<Lease, 'remainingMs'>, held: HeldClaim) =>
  async (kind: CallKind, timeoutMs: number): Promise<void> => {
    held.signal.throwIfAborted();
    if (kind === 'read') return;
    const needed = kind === 'exec' ? 0 : timeoutMs;
    // The next heartbeat lengthens the lease; if none comes, the lease's end aborts the claim.
    while (lease.remainingMs() <= needed) await pause(askAgainAfterMs, undefined, { signal: held.signal });
    if ((kind === 'exec' || kind === 'delete') && !(await stillHolds(db, held.workerId, held.claim))) {
      throw new PlatformError('internal', 'This worker no longer holds the stage.');
    }
  };
