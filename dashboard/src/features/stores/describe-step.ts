import { formatDuration } from '../../ui/format-duration.ts';
import type { StageStep, StepState } from './stage-line.ts';

export const stepEmoji: Readonly<Record<StepState, string>> = {
  done: '✅',
  running: '⏳',
  queued: '🕓',
  waiting: '▫️',
  stopping: '✋',
  stopped: '➖',
  failed: '❌',
};

const stateWords: Readonly<Record<StepState, string>> = {
  done: 'done',
  running: 'running',
  queued: 'next',
  waiting: 'waiting',
  stopping: 'stopping',
  stopped: 'stopped',
  failed: 'failed',
};

const attemptWords = ({ attempt }: StageStep): string[] => {
  if (!attempt) return [];
  return [attempt.of === null ? `attempt ${attempt.number}` : `attempt ${attempt.number} of ${attempt.of}`];
};

/** A second hand that has not moved yet is no duration to report of what is over. */
const tookWords = ({ state, seconds }: StageStep): string[] => {
  if (seconds === null) return [];
  const isOver = state !== 'running' && state !== 'stopping';
  return [isOver && seconds < 1 ? 'under 1 s' : formatDuration(seconds)];
};

const factsOf = (step: StageStep): string[] => {
  const { nextTryInSeconds } = step;
  const next = nextTryInSeconds === null ? [] : [`next try in ${formatDuration(nextTryInSeconds)}`];
  return [...tookWords(step), ...attemptWords(step), ...next];
};

/** @returns how long it takes and which attempt it is, e.g. `8 s, attempt 2 of 3`; empty when nothing is known. */
export const describeEffort = (step: StageStep): string => factsOf(step).join(', ');

/** @returns what stands beside a stage's title, e.g. `running, 8 s` or `attempt 2 of 3, next try in 8 s`. */
export const describeStep = (step: StageStep): string => {
  if (step.nextTryInSeconds !== null) return describeEffort(step);
  const word = step.state === 'stopped' && step.seconds === null ? 'not reached' : stateWords[step.state];
  return [word, ...factsOf(step)].join(', ');
};
