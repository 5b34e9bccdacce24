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

/** @returns what stands beside a stage's title, e.g. `running, 8 s, attempt 2 of 3` or `next try in 8 s`. */
export const describeStep = (step: StageStep): string => {
  const { state, seconds, nextTryInSeconds } = step;
  if (nextTryInSeconds !== null) {
    return [...attemptWords(step), `next try in ${formatDuration(nextTryInSeconds)}`].join(', ');
  }
  const took = seconds === null ? [] : [formatDuration(seconds)];
  return [stateWords[state], ...took, ...attemptWords(step)].join(', ');
};
