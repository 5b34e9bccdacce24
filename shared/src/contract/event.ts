import { z } from 'zod';
import { StageName } from './stage.ts';

export const Severity = z.enum(['info', 'success', 'warning', 'error']);
export type Severity = z.infer<typeof Severity>;

/** What happened, as a sentence. `event_type` is for programs, e.g. `stage_done`. */
export const StoreEvent = z.object({
  id: z.number().int(),
  event_type: z.string(),
  message: z.string(),
  severity: Severity,
  stage: StageName.nullable(),
  attempt: z.number().int().nullable(),
  created_at: z.iso.datetime(),
});
export type StoreEvent = z.infer<typeof StoreEvent>;
