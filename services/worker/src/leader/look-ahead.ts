import { isLack } from '@store-platform/shared/contract/finding';
import type { Database } from '@store-platform/shared/db/database';
import { replaceFindings } from '@store-platform/shared/db/cluster-findings';
import type { Preflight } from '@store-platform/shared/kube/preflight';
import type { Logger } from '@store-platform/shared/log/logger';

export interface LookAheadDeps {
  db: Database;
  preflight: Preflight;
  ingressClass: string;
  logger: Logger;
  /** A look that is no older is not repeated, in milliseconds; a shorter time while what it found is passing. */
  freshMs: { usual: number; passing: number };
  /** Monotonic milliseconds. */
  now(): number;
}

/**
 * Looks whether the cluster has what stores will need, before any of them meets its lack; what it finds is stored for the
 * dashboard, and logged by this worker when it is new. Nothing is stopped by it.
 */
export const createLookAhead = ({ db, preflight, ingressClass, logger, freshMs, now }: LookAheadDeps) => {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let told = '';
  let isPassing = false;
  return async (): Promise<void> => {
    if (now() - lookedAt < (isPassing ? freshMs.passing : freshMs.usual)) return;
    lookedAt = now();
    const findings = await preflight.look(ingressClass);
    await replaceFindings(db, findings);
    isPassing = findings.some(({ code }) => code === 'shop_archives_coming');
    // What else there is to tell, the cluster says in its own log.
    const lacks = findings.filter(isLack);
    const all = lacks.map(({ message }) => message).join('\n');
    if (all === told) return;
    for (const { message, hint } of lacks) logger.warn({ hint }, message);
    if (lacks.length === 0) logger.info('The cluster has all that stores need again');
    told = all;
  };
};
