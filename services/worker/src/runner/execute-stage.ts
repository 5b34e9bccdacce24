import { setTimeout as pause } from 'node:timers/promises';
import { isClusterAbsence } from '@store-platform/shared/contract/is-cluster-absence';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { ClusterPresence } from '@store-platform/shared/kube/cluster';
import { outOfTime } from '@store-platform/shared/lifecycle/out-of-time';
import type { Outcome } from '@store-platform/shared/lifecycle/store-state';
import type { Logger } from '@store-platform/shared/log/logger';
import { startStageClock, type StageClock } from './stage-clock.ts';
import type { Stage, StageContext } from './stage.ts';

export interface Execution {
  stage: Stage;
  /** The context without a signal: execution brings its own, which also knows the deadline. */
  context: Omit<StageContext, 'signal'>;
  /** Of the claim: cancelled, drained, lease lost. */
  signal: AbortSignal;
  attempt: number;
  /** Runs out when what earlier claims have left of the stage's time is over. */
  clock: StageClock;
  presence: ClusterPresence;
  logger: Logger;
  /** Monotonic milliseconds. */
  now(): number;
}

/** After its time a stage gets this long to look once more: what it waited for may have come a moment ago. */
const lastLookMs = 5_000;

/** Within this time the stages that waited for a cluster come back to it, so that not all ask in one moment. */
const spreadMs = 500;

/** Runs one stage to an outcome out of a closed set. Never throws. */
export const executeStage = async (execution: Execution): Promise<Outcome> => {
  if (execution.signal.aborted) return handedBack(execution.signal);
  const heard = listenTo(execution.context);
  const listened = { ...execution, context: heard.context };
  const first = await runOut(listened, execution.clock);
  if (first.kind !== 'out of time') return first;
  const { presence, now } = execution;
  const lastLook = startStageClock({ limitMs: lastLookMs, presence, now });
  const last = await runOut(listened, lastLook);
  lastLook.stop();
  if (last.kind !== 'out of time') return last;
  const trouble = heard.lastTrouble();
  const failure = outOfTime(
    execution.stage.timeoutMs,
    trouble === undefined ? undefined : { message: trouble },
  );
  return { kind: 'failed', failure, retryable: false, retryInMs: 0 };
};

/** A stage that runs out of time is explained by the last trouble that it told. */
const listenTo = (context: Execution['context']) => {
  let trouble: string | undefined;
  const note: StageContext['note'] = (message, severity) => {
    if (severity === 'warning') trouble = message;
    return context.note(message, severity);
  };
  return { context: { ...context, note }, lastTrouble: () => trouble };
};

type Tried = Outcome | { kind: 'out of time' };

/** Again after each absence of the cluster, which costs no attempt: everything can run twice. */
const runOut = async (execution: Execution, clock: StageClock): Promise<Tried> => {
  for (;;) {
    const tried = await tryStage(execution, clock);
    if (tried.kind !== 'unanswered') return tried;
    const signal = AbortSignal.any([execution.signal, clock.signal]);
    try {
      const wasAway = await execution.presence.untilThere(signal);
      if (!wasAway) return failed(execution, tried.error);
      await pause(Math.random() * spreadMs, undefined, { signal });
    } catch {
      if (execution.signal.aborted) return handedBack(execution.signal);
      return clock.signal.aborted ? { kind: 'out of time' } : failed(execution, tried.error);
    }
  }
};

const tryStage = async (
  execution: Execution,
  clock: StageClock,
): Promise<Tried | { kind: 'unanswered'; error: PlatformError }> => {
  const signal = AbortSignal.any([execution.signal, clock.signal]);
  try {
    await execution.stage.run({ ...execution.context, signal });
    return { kind: 'done' };
  } catch (error) {
    if (execution.signal.aborted) return handedBack(execution.signal);
    if (clock.signal.aborted) return { kind: 'out of time' };
    if (!(error instanceof PlatformError)) return failed(execution, error);
    // Not the stage's failure, so it costs no attempt; the next claim waits for the database by itself.
    if (error.code === 'database_away') return { kind: 'handed back', reason: 'the database did not answer' };
    if (isClusterAbsence(error)) return { kind: 'unanswered', error };
    return failed(execution, error);
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
