import { PlatformError } from './problem.ts';

/** What one waits for until the cluster is back. Anything else is an answer, if not a good one. */
export const isClusterAbsence = (error: unknown): error is PlatformError =>
  error instanceof PlatformError &&
  (error.code === 'cluster_away' || error.code === 'cluster_unauthenticated');
