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

/** A second hand that has not moved yet is no duration to report of what is over. */
const tookWords = ({ state, seconds, limitMinutes }: StageStep): string[] => {
  if (seconds === null) return [];
  if (limitMinutes !== null) return [`${formatDuration(seconds)} of ${limitMinutes} min`];
  const isOver = state !== 'running' && state !== 'stopping';
  return [isOver && seconds < 1 ? 'under 1 s' : formatDuration(seconds)];
};

const factsOf = (step: StageStep): string[] => {
  const { nextTryInSeconds } = step;
  const next = nextTryInSeconds === null ? [] : [`next try in ${formatDuration(nextTryInSeconds)}`];
  const attempt = step.attempt === null ? [] : [`attempt ${step.attempt}`];
  return [...tookWords(step), ...attempt, ...next];
};

/** @returns how long it takes and which attempt it is, e.g. `8 s of 5 min, attempt 2`; empty when nothing is known. */
export const describeEffort = (step: StageStep): string => factsOf(step).join(', ');

/** @returns what stands beside a stage's title, e.g. `running, 8 s of 5 min` or `attempt 2, next try in 8 s`. */
export const describeStep = (step: StageStep): string => {
  if (step.nextTryInSeconds !== null) return describeEffort(step);
  const word = step.state === 'stopped' && step.seconds === null ? 'not reached' : stateWords[step.state];
  return [word, ...factsOf(step)].join(', ');
};
