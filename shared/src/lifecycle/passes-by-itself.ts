import type { ProblemCode } from '../contract/problem.ts';

/** Time alone mends these, however often they come: only the end of a stage's time ends its tries. */
const passing: ReadonlySet<string> = new Set<ProblemCode>([
  'database_away',
  'queue_away',
  'cluster_away',
  'cluster_unauthenticated',
  'cluster_busy',
  'namespace_terminating',
  'ingress_away',
]);

export const passesByItself = (code: string): boolean => passing.has(code);
