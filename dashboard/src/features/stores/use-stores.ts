import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { pollEvery } from '../../api/poll-every.ts';
import { getStore, listStores } from '../../api/stores.ts';

/** How often stores and metrics are asked for, as the specification says. */
export const POLL_MS = 5000;

export const storesKey = ['stores'] as const;

interface PageParam {
  readonly cursor: string | null;
}
const firstPage: PageParam = { cursor: null };

export const useStores = () =>
  useInfiniteQuery({
    queryKey: [...storesKey, 'list'],
    queryFn: ({ pageParam, signal }) => listStores(pageParam.cursor, signal),
    initialPageParam: firstPage,
    getNextPageParam: ({ next }): PageParam | null => (next === null ? null : { cursor: next }),
    ...pollEvery(POLL_MS),
  });

/** One store with its events, kept fresh while somebody looks at it. */
export const useStoreDetail = (storeId: string) =>
  useQuery({
    queryKey: [...storesKey, 'detail', storeId],
    queryFn: ({ signal }) => getStore(storeId, signal),
    ...pollEvery(POLL_MS),
  });
