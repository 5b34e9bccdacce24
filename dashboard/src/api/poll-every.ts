import type { Query } from '@tanstack/react-query';
import { isSignInNeeded } from './api-error.ts';

/**
 * Asks again and again, but not before a closed door: each knock there would count as a guess of the token.
 * @param pollMs milliseconds between two questions
 */
export const pollEvery = (pollMs: number) => ({
  refetchInterval: ({ state }: Pick<Query, 'state'>) => (isSignInNeeded(state.error) ? false : pollMs),
  refetchOnWindowFocus: ({ state }: Pick<Query, 'state'>) => !isSignInNeeded(state.error),
});
