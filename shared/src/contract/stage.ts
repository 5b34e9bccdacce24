import { z } from 'zod';

/** The stages of provisioning in the order in which they are told; `stagePlan` says what waits for what. */
export const provisioningStages = [
  'namespace',
  'volumes',
  'mysql',
  'wordpress',
  'wp-cli',
  'ingress',
  'verify',
] as const;

export const StageName = z.enum([...provisioningStages, 'teardown']);
export type StageName = z.infer<typeof StageName>;

/**
 * `waiting` for its predecessors (or, for `teardown`, for runs that must stop first) · `due` to be sent and claimed ·
 * `running` under one worker's epoch · `cancelling` while that worker has not yet acknowledged · the last three are final.
 */
export const RunStatus = z.enum(['waiting', 'due', 'running', 'cancelling', 'done', 'failed', 'cancelled']);
export type RunStatus = z.infer<typeof RunStatus>;

export interface StagePlan {
  /** What a person reads on a card. */
  readonly title: string;
  readonly after: readonly StageName[];
  /** Time in which a worker may watch this stage, over all its attempts, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * How often in a row the stage may fail with the same words before the store fails. Other words start anew, and what
   * passes by itself has no end but the stage's time; a worker's death is not counted here.
   */
  readonly attempts: number;
}

const seconds = (n: number) => n * 1000;
const minutes = (n: number) => seconds(60 * n);

/** The graph, as data, for everyone: MySQL's 5 and WordPress' 6 minutes are the specification's own. */
export const stagePlan: Readonly<Record<StageName, StagePlan>> = {
  namespace: { title: 'Namespace', after: [], timeoutMs: minutes(2), attempts: 5 },
  volumes: { title: 'Volumes', after: ['namespace'], timeoutMs: minutes(2), attempts: 5 },
  mysql: { title: 'MySQL', after: ['volumes'], timeoutMs: minutes(5), attempts: 3 },
  wordpress: { title: 'WordPress', after: ['volumes'], timeoutMs: minutes(6), attempts: 3 },
  'wp-cli': { title: 'WooCommerce', after: ['mysql', 'wordpress'], timeoutMs: minutes(6), attempts: 4 },
  ingress: { title: 'Address', after: ['wp-cli'], timeoutMs: minutes(2), attempts: 5 },
  verify: { title: 'Final check', after: ['ingress'], timeoutMs: minutes(3), attempts: 6 },
  // What can't be removed is retried for ever (promise 2), so teardown has no last attempt and no deadline.
  teardown: {
    title: 'Clean-up',
    after: [],
    timeoutMs: Number.POSITIVE_INFINITY,
    attempts: Number.POSITIVE_INFINITY,
  },
};

/**
 * Whose turn it is when many wait: clean-ups first, so that a flood of new stores holds no deletion up; then stores that
 * have come far before those that have not begun, so that a store that waits stands behind a number that falls.
 * @returns 0 for those that come first; the larger, the later.
 */
export const turnOf = (stage: StageName): number =>
  stage === 'teardown' ? 0 : provisioningStages.length - provisioningStages.indexOf(stage);

/** One stage of one generation of a store, as the API shows it. Times are ISO 8601. */
export const StageRun = z.object({
  stage: StageName,
  status: RunStatus,
  attempt: z.number().int(),
  due_at: z.iso.datetime().nullable(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
  /** What counts against the stage's time so far, in milliseconds; to it comes what passes since `watching_since`. */
  watched_ms: z.number().int(),
  /** Null while nobody watches: the run waits, is over, or there is no cluster to be watched. */
  watching_since: z.iso.datetime().nullable(),
  error: z.string().nullable(),
});
export type StageRun = z.infer<typeof StageRun>;
