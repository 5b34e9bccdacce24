import { z } from 'zod';
import { StageRun } from './stage.ts';
import { StoreEvent } from './event.ts';

export const StoreStatus = z.enum(['provisioning', 'ready', 'failed', 'deleting', 'deleted']);
export type StoreStatus = z.infer<typeof StoreStatus>;

/** These count against `MAX_ACTIVE_STORES`. */
export const activeStatuses = ['provisioning', 'ready', 'deleting'] as const satisfies readonly StoreStatus[];

export const storeIdPattern = /^store-[a-z0-9]{8}$/;
export const StoreId = z.string().regex(storeIdPattern);

const nameLength = { min: 2, max: 100 };
const CONTROL_CHARACTER = /\p{Cc}/u;

/** Trimmed, 2 to 100 code points, no control characters, no lone surrogates; otherwise as typed. */
export const StoreName = z
  .string({ error: (issue) => (issue.input === undefined ? 'A name is needed.' : 'The name must be text.') })
  .trim()
  .refine((name) => name.isWellFormed(), { error: 'The name holds half of a surrogate pair.', abort: true })
  .refine((name) => !CONTROL_CHARACTER.test(name), {
    error: 'The name must not hold control characters (tabs, line breaks and the like).',
    abort: true,
  })
  .refine((name) => [...name].length >= nameLength.min, {
    error: `The name needs at least ${nameLength.min} characters.`,
  })
  .refine((name) => [...name].length <= nameLength.max, {
    error: `The name may have at most ${nameLength.max} characters.`,
  });

export const StoreType = z.enum(['woocommerce'], {
  error: 'Only "woocommerce" can be made; "medusajs" is planned.',
});
export type StoreType = z.infer<typeof StoreType>;

/** A store as lists show it. Times are ISO 8601; `stages` are those of the current generation. */
export const Store = z.object({
  store_id: StoreId,
  name: z.string(),
  type: StoreType,
  status: StoreStatus,
  url: z.url(),
  admin_url: z.url(),
  namespace: z.string(),
  error: z.string().nullable(),
  error_code: z.string().nullable(),
  error_hint: z.string().nullable(),
  profile: z.string(),
  generation: z.number().int(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  /** When provisioning of the current generation began: the creation, or the last retry. */
  started_at: z.iso.datetime(),
  ready_at: z.iso.datetime().nullable(),
  cleaned_up_at: z.iso.datetime().nullable(),
  unavailable_since: z.iso.datetime().nullable(),
  /** Since when nothing of a ready shop runs: its next visitor wakes it. */
  asleep_since: z.iso.datetime().nullable(),
  /** How many stores the workers turn to first; null while it does not wait for its turn. */
  stores_ahead: z.number().int().nullable(),
  stages: z.array(StageRun),
});
export type Store = z.infer<typeof Store>;

/** One store with its history, newest event last. */
export const StoreDetail = Store.extend({ events: z.array(StoreEvent) });
export type StoreDetail = z.infer<typeof StoreDetail>;
