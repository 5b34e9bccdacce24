import { z } from 'zod';

/** What the cluster lacks, found before a store meets it. Stores may be created all the same. */
export const Finding = z.object({
  code: z.enum(['no_default_storage_class', 'no_ingress_class', 'missing_permissions']),
  message: z.string(),
  hint: z.string(),
  /** Since when it is known. */
  found_at: z.iso.datetime(),
});
export type Finding = z.infer<typeof Finding>;
export type NewFinding = Omit<Finding, 'found_at'>;
