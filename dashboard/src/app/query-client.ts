import { QueryClient } from '@tanstack/react-query';

/** A failed poll needs no retries of its own: the next poll is one. The platform may be on this very machine, so being offline stops nothing. */
export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: { retry: false, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
