import { PlatformError, problems } from '@store-platform/shared/contract/problem';
import type { Outcome } from '@store-platform/shared/lifecycle/store-state';
import type { Logger } from '@store-platform/shared/log/logger';
import type { Stage, StageContext } from './stage.ts';

export interface Execution {
  stage: Stage;
  /** The context without a signal: execution brings its own, which also knows the deadline. */
  context: Omit<StageContext, 'signal'>;
  /** Of the claim: cancelled, drained, lease lost. */
  signal: AbortSignal;
  attempt: number;
  /** Of the stage's time, what earlier claims have left, in milliseconds. */
  remainingMs: number;
  logger: Logger;
}

/** After its time a stage gets this long to look once more: what it waited for may have come a moment ago. */
const lastLookMs = 5_000;

/** Runs one stage to an outcome out of a closed set. Never throws. */
export const executeStage = async (execution: Execution): Promise<Outcome> => {
  if (execution.signal.aborted) return handedBack(execution.signal);
  const first = await tryStage(execution, execution.remainingMs);
  if (first.kind !== 'out of time') return first;
  const last = await tryStage(execution, lastLookMs);
  return last.kind === 'out of time' ? outOfTime(execution.stage) : last;
};

const tryStage = async (execution: Execution, timeMs: number): Promise<Outcome | { kind: 'out of time' }> => {
  const deadline = new AbortController();
  const timer = Number.isFinite(timeMs) ? setTimeout(() => deadline.abort(), Math.max(0, timeMs)) : undefined;
  const signal = AbortSignal.any([execution.signal, deadline.signal]);
  try {
    await execution.stage.run({ ...execution.context, signal });
    return { kind: 'done' };
  } catch (error) {
    if (execution.signal.aborted) return handedBack(execution.signal);
    if (deadline.signal.aborted) return { kind: 'out of time' };
    // Not the stage's failure, so it costs no attempt; the next claim waits for the database by itself.
    if (error instanceof PlatformError && error.code === 'database_away')
      return { kind: 'handed back', reason: 'the database did not answer' };
    return failed(execution, error);
  } finally {
    clearTimeout(timer);
  }
};

const handedBack = ({ reason }: AbortSignal): Outcome => ({ kind: 'handed back', reason: String(reason) });

const failed = ({ stage, attempt, logger }: Execution, error: unknown): Outcome => {
  if (!(error instanceof PlatformError))
    logger.error({ err: error, stage: stage.name }, 'A stage met a fault');
  const known =
    error instanceof PlatformError
      ? error
      : new PlatformError('internal', 'Something unexpected happened in the platform.', { cause: error });
  return {
    kind: 'failed',
    failure: { code: known.code, message: known.message, hint: known.hint },
    retryable: known.retryable,
    // Who was asked to come back later does.
    retryInMs: Math.max(stage.backoffMs(attempt), (known.retryAfterSeconds ?? 0) * 1000),
  };
};

const outOfTime = (stage: Stage): Outcome => ({
  kind: 'failed',
  failure: {
    code: 'stage_timeout',
    message: `It did not finish within ${Math.round(stage.timeoutMs / 60_000)} minutes.`,
    hint: problems.stage_timeout.hint,
  },
  retryable: false,
  retryInMs: 0,
});
