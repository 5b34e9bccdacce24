import type { Query } from '@tanstack/react-query';
import { isSignInNeeded } from './api-error.ts';

/**
 * Asks again and again, but not before a closed door: each knock there would count as a guess of the token.
 * @param pollMs milliseconds between two questions, or how to tell them from the last answer
 */
export const pollEvery = <T>(pollMs: number | ((last: T | undefined) => number)) => ({
  refetchInterval: ({ state }: Pick<Query<T>, 'state'>) => {
    if (isSignInNeeded(state.error)) return false;
    return typeof pollMs === 'number' ? pollMs : pollMs(state.data);
  },
  refetchOnWindowFocus: ({ state }: Pick<Query, 'state'>) => !isSignInNeeded(state.error),
});
