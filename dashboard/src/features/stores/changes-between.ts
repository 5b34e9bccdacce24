import type { Store } from '@store-platform/shared/contract/store';

type Seen = Pick<Store, 'store_id' | 'name' | 'status'>;

/** What a person who can't see the cards is told: one sentence for each store that arrived somewhere. */
export const changesBetween = (before: readonly Seen[], after: readonly Seen[]): string[] => {
  const current = new Map(after.map((store) => [store.store_id, store]));
  return before.flatMap(({ store_id, name, status }) => {
    const now = current.get(store_id);
    if (!now) return status === 'deleting' ? [`${name} is deleted`] : [];
    if (now.status === status) return [];
    if (now.status === 'ready') return [`${name} is ready`];
    if (now.status === 'failed') return [`${name} failed`];
    return [];
  });
};
