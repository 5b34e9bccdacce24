import { problems } from '../contract/problem.ts';
import { asSentence } from './as-sentence.ts';
import type { Failure } from './store-state.ts';

/** A stage whose time is over, explained by what it met last. */
export const outOfTime = (
  timeoutMs: number,
  last: { message: string; hint?: string } | undefined,
): Failure => ({
  code: 'stage_timeout',
  message: [
    `It did not finish within ${Math.round(timeoutMs / 60_000)} minutes.`,
    ...(last ? [asSentence(last.message)] : []),
  ].join(' '),
  hint: last?.hint ?? problems.stage_timeout.hint,
});
