import { z } from 'zod';
import { Finding } from './finding.ts';
import { StageName } from './stage.ts';
import { Store, StoreDetail, StoreId, StoreName, StoreStatus, StoreType } from './store.ts';

export const CreateStoreBody = z.object({ name: StoreName, type: StoreType });
export type CreateStoreBody = z.infer<typeof CreateStoreBody>;

/** One key names one intent to create: any printable ASCII, up to 255 characters. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, { error: 'Idempotency-Key takes 1 to 255 printable ASCII characters.' });

export const CreateStoreAnswer = z.object({
  storeId: StoreId,
  name: z.string(),
  status: StoreStatus,
  url: z.url(),
});
export type CreateStoreAnswer = z.infer<typeof CreateStoreAnswer>;

export const DeleteStoreAnswer = z.object({ message: z.literal('Deletion started') });

export const listLimit = { default: 100, max: 500 } as const;
export const ListStoresQuery = z.object({
  limit: z.coerce
    .number({ error: `limit must be a whole number from 1 to ${listLimit.max}.` })
    .int({ error: `limit must be a whole number from 1 to ${listLimit.max}.` })
    .min(1, { error: `limit must be a whole number from 1 to ${listLimit.max}.` })
    .max(listLimit.max, { error: `limit must be a whole number from 1 to ${listLimit.max}.` })
    .default(listLimit.default),
  /** As the `Link` header gave it. */
  cursor: z
    .string({ error: 'cursor must be the one that the Link header gave.' })
    .regex(/^\d{1,18}$/, { error: 'cursor must be the one that the Link header gave.' })
    .optional(),
});
export type ListStoresQuery = z.infer<typeof ListStoresQuery>;

export const StoreList = z.array(Store);
export { StoreDetail };

export const Metrics = z.object({
  total: z.number().int(),
  active: z.number().int(),
  provisioning: z.number().int(),
  failed: z.number().int(),
});
export type Metrics = z.infer<typeof Metrics>;

export const Health = z.object({ status: z.literal('ok'), timestamp: z.iso.datetime() });

/** `missing` is empty when the platform can make stores; each entry is a sentence. */
export const Readiness = z.object({
  status: z.enum(['ready', 'not ready']),
  missing: z.array(
    z.object({ part: z.enum(['database', 'migrations', 'queue', 'worker']), reason: z.string() }),
  ),
});
export type Readiness = z.infer<typeof Readiness>;

/** What this installation is. */
export const Info = z.object({
  version: z.string(),
  cluster: z.object({ kind: z.enum(['emulated', 'kubernetes']), name: z.string() }),
  database: z.enum(['embedded', 'external']),
  queue: z.enum(['postgresql', 'redis']),
  profile: z.object({ name: z.string(), parts: z.record(z.string(), z.string()), end_of_life: z.boolean() }),
  max_active_stores: z.number().int(),
  /** Median of what recent stores took from creation to ready; null while there is none. */
  usual_seconds_to_ready: z.number().nullable(),
  stages: z.array(z.object({ stage: StageName, title: z.string(), timeout_seconds: z.number().nullable() })),
  /** What the cluster lacks, as the workers last saw it: stores that need it will fail. */
  findings: z.array(Finding),
  /** Why stores wait at present, as `/ready` says it; empty when none has to. */
  missing: Readiness.shape.missing,
});
export type Info = z.infer<typeof Info>;
