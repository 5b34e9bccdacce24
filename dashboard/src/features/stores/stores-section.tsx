import type { Store } from '@store-platform/shared/contract/store';
import { useMemo } from 'react';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from './empty-state.tsx';
import { StoreAnnouncer } from './store-announcer.tsx';
import { StoreGrid, StoreGridSkeleton } from './store-grid.tsx';
import { StoresHeading } from './stores-heading.tsx';
import type { useStores } from './use-stores.ts';

interface StoresSectionProps {
  readonly query: ReturnType<typeof useStores>;
  /** Whether the last question got no good answer. */
  readonly wasRefused: boolean;
  /** What the metrics count; undefined while unknown. */
  readonly total: number | undefined;
  readonly usualSeconds: number | null;
  readonly onCreate: () => void;
  readonly onDelete: (store: Store) => void;
}

export const StoresSection = ({
  query,
  wasRefused,
  total,
  usualSeconds,
  onCreate,
  onDelete,
}: StoresSectionProps) => {
  const stores = useMemo(() => distinct(query.data?.pages.flatMap((page) => page.stores)), [query.data]);
  // The metrics count what no page shows yet; where all is shown, the cards themselves are the count.
  const count = query.hasNextPage ? total : stores?.length;
  return (
    <section aria-labelledby="stores-heading" className="mt-8">
      <StoresHeading count={count} />
      <StoreAnnouncer stores={stores} />
      {stores ? (
        <Stores stores={stores} usualSeconds={usualSeconds} onCreate={onCreate} onDelete={onDelete} />
      ) : null}
      {!stores && !wasRefused ? <StoreGridSkeleton /> : null}
      {!stores && wasRefused ? (
        <div className="rounded-2xl border border-slate-700 px-4 py-12 text-center text-slate-300">
          <p className="mb-4">The stores could not be loaded.</p>
          <Button tone="quiet" onClick={() => void query.refetch()}>
            Try again
          </Button>
        </div>
      ) : null}
      {query.hasNextPage ? (
        <div className="mt-6 text-center">
          <Button
            tone="quiet"
            onClick={() => void query.fetchNextPage()}
            blocked={query.isFetchingNextPage ? 'More stores are being loaded' : undefined}
          >
            Show more
          </Button>
        </div>
      ) : null}
    </section>
  );
};

const Stores = ({
  stores,
  ...rest
}: Pick<StoresSectionProps, 'usualSeconds' | 'onCreate' | 'onDelete'> & { stores: readonly Store[] }) =>
  stores.length === 0 ? <EmptyState onCreate={rest.onCreate} /> : <StoreGrid stores={stores} {...rest} />;

/** A store created between two pages can stand on both. */
const distinct = (stores: readonly Store[] | undefined): readonly Store[] | undefined =>
  stores && [...new Map(stores.map((store) => [store.store_id, store])).values()];
