import { z } from 'zod';
import { StageName } from '@store-platform/shared/contract/stage';

/**
 * Where a worker is with a store. The moments of a stage: `claimed`, `before …` and `after …` each call to the cluster,
 * `ran` (before the outcome is written), `committed` (before the next job is sent), `ended` (before the queue hears of
 * it). What comes a second time in one claim is `… #2`.
 */
export const Point = z.object({ storeId: z.string(), stage: StageName, moment: z.string() });
export type Point = z.infer<typeof Point>;

export const nameOf = ({ stage, moment }: Pick<Point, 'stage' | 'moment'>): string => `${stage}, ${moment}`;

/**
 * What a worker does at a point: `kill` and `stop` are SIGKILL and SIGSTOP of its own process; `hold` waits until it is
 * told to go on; `lose` is an answer of the database that never comes; `note` only tells.
 */
export const Action = z.enum(['kill', 'stop', 'hold', 'lose', 'note']);
export type Action = z.infer<typeof Action>;

/** Without a moment: at each. */
export const Order = z.object({
  id: z.number(),
  storeId: z.string(),
  stage: StageName.optional(),
  moment: z.string().optional(),
  action: Action,
});
export type Order = z.infer<typeof Order>;

/** All in milliseconds. */
export const WorkerSettings = z.object({
  environment: z.record(z.string(), z.string()),
  timing: z.object({
    beatEveryMs: z.number(),
    deadAfterMs: z.number(),
    unclaimedAfterMs: z.number(),
    sweepEveryMs: z.object({ fast: z.number(), slow: z.number(), minute: z.number(), rare: z.number() }),
  }),
  /** Between two attempts of a stage. */
  backoffMs: z.number(),
  /** No stage may take longer. */
  stageTimeoutMs: z.number(),
  watch: z.object({ staleAfterMs: z.number(), restartAfterMs: z.number() }),
});
export type WorkerSettings = z.infer<typeof WorkerSettings>;

/** To a worker's process. */
export const ToWorker = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), settings: WorkerSettings, orders: z.array(Order) }),
  z.object({ kind: z.literal('orders'), orders: z.array(Order) }),
  z.object({ kind: z.literal('go on'), id: z.number() }),
  z.object({ kind: z.literal('step clock'), stepMs: z.number() }),
  z.object({ kind: z.literal('end') }),
]);
export type ToWorker = z.infer<typeof ToWorker>;

/** From a worker's process. */
export const FromWorker = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('loaded') }),
  z.object({ kind: z.literal('started') }),
  z.object({ kind: z.literal('reached'), id: z.number(), point: Point }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);
export type FromWorker = z.infer<typeof FromWorker>;
