import type { Store } from '@store-platform/shared/contract/store';
import { StoreCard } from './store-card.tsx';

interface StoreGridProps {
  readonly stores: readonly Store[];
  readonly usualSeconds: number | null;
  readonly onDelete: (store: Store) => void;
}

// Each card keeps its own height: one that grows moves no button of its neighbours.
const grid = 'grid grid-cols-1 items-start gap-4 md:grid-cols-2 xl:grid-cols-3';

export const StoreGrid = ({ stores, usualSeconds, onDelete }: StoreGridProps) => (
  <div className={grid}>
    {stores.map((store) => (
      <StoreCard key={store.store_id} store={store} usualSeconds={usualSeconds} onDelete={onDelete} />
    ))}
  </div>
);

export const StoreGridSkeleton = () => (
  <output className={grid} aria-label="Loading the stores">
    {['first', 'second', 'third'].map((place) => (
      <div
        key={place}
        className="h-48 animate-pulse rounded-2xl border border-slate-700 bg-slate-800 motion-reduce:animate-none"
      />
    ))}
  </output>
);
