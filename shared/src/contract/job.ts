import { z } from 'zod';
import { StageName } from './stage.ts';
import { StoreId } from './store.ts';

/** A hint that a stage run is due. It carries no secret and no truth: the row decides (`docs/decisions`). */
export const StageJob = z.object({
  storeId: StoreId,
  generation: z.number().int().positive(),
  stage: StageName,
  dispatch: z.number().int().positive(),
});
export type StageJob = z.infer<typeof StageJob>;

/** BullMQ refuses `:` in ids, and silently ignores an id that it has seen, hence the dispatch number. */
export const stageJobId = (job: StageJob): string =>
  `${job.storeId}-${job.generation}-${job.stage}-${job.dispatch}`;
