import { useQuery } from '@tanstack/react-query';
import { getMetrics } from '../../api/platform.ts';
import { pollEvery } from '../../api/poll-every.ts';

export const metricsKey = ['metrics'] as const;

interface MetricsOptions {
  readonly enabled: boolean;
  /** Milliseconds between two questions. */
  readonly pollMs: number;
}

export const useMetrics = ({ enabled, pollMs }: MetricsOptions) =>
  useQuery({
    queryKey: metricsKey,
    queryFn: ({ signal }) => getMetrics(signal),
    enabled,
    ...pollEvery(pollMs),
  });
