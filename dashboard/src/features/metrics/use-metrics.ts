import { useQuery } from '@tanstack/react-query';
import { getMetrics } from '../../api/platform.ts';

export const metricsKey = ['metrics'] as const;

/** @param pollMs milliseconds between two questions */
export const useMetrics = (pollMs: number) =>
  useQuery({
    queryKey: metricsKey,
    queryFn: ({ signal }) => getMetrics(signal),
    refetchInterval: pollMs,
  });
