import type { Severity } from '../contract/event.ts';
import type { RunStatus, StageName } from '../contract/stage.ts';
import type { StoreStatus } from '../contract/store.ts';

/** What decides a store's next step: its row and its stage runs, locked together. */
export interface StoreState {
  readonly status: StoreStatus;
  readonly desiredState: 'present' | 'absent';
  readonly generation: number;
  readonly failure: Failure | null;
  readonly runs: readonly RunState[];
}

export interface RunState {
  readonly generation: number;
  readonly stage: StageName;
  readonly status: RunStatus;
  readonly epoch: number;
  readonly workerId: string | null;
  readonly attempt: number;
  readonly deaths: number;
  /** How often in a row it failed with the words of `error`. */
  readonly sameFailures: number;
  readonly dispatch: number;
  readonly watchedMs: number;
  readonly error: string | null;
  /** Only on runs that a transition has just made due: milliseconds from now. */
  readonly dueInMs?: number;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Names one claim of one run. A worker whose epoch is no longer the row's has lost the run. */
export interface ClaimRef {
  readonly generation: number;
  readonly stage: StageName;
  readonly epoch: number;
}

export interface NewEvent {
  readonly type: string;
  readonly message: string;
  readonly severity: Severity;
  readonly stage?: StageName;
  readonly attempt?: number;
}

/** How a claim ended: a closed set. Waiting is none of them; exhausted is derived from `attempt`, never set. */
export type Outcome =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      readonly failure: Failure;
      readonly retryable: boolean;
      readonly retryInMs: number;
    }
  | { readonly kind: 'handed back'; readonly reason: string };

export interface Transition {
  readonly state: StoreState;
  readonly events: readonly NewEvent[];
}

const finalStatuses: ReadonlySet<RunStatus> = new Set(['done', 'failed', 'cancelled']);
export const isFinished = (run: RunState): boolean => finalStatuses.has(run.status);
export const isHeld = (run: RunState): boolean => run.status === 'running' || run.status === 'cancelling';
