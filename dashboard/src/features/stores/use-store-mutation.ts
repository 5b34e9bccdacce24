import { useMutation, useQueryClient } from '@tanstack/react-query';
import { metricsKey } from '../metrics/use-metrics.ts';
import { storesKey } from './use-stores.ts';

/** A change of a store: whatever came of it, stores and metrics are read anew. */
export const useStoreMutation = <Input, Output>(change: (input: Input) => Promise<Output>) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: storesKey }),
        client.invalidateQueries({ queryKey: metricsKey }),
      ]);
    },
  });
};
