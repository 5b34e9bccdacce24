import type { Store } from '@store-platform/shared/contract/store';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { CleanUpLine } from './clean-up-line.tsx';
import { stageLine } from './stage-line.ts';
import { StageList } from './stage-list.tsx';

/** Why a store failed, how far it came, and whether its remains are gone. */
export const FailureReport = ({ store }: { store: Store }) => (
  <div className="space-y-3">
    <ErrorNotice message={store.error ?? 'The store failed without a reason.'} hint={store.error_hint} />
    {/* No time passes here: finished stages carry their own end. */}
    <StageList line={stageLine(store.stages, Date.parse(store.updated_at))} />
    {store.cleaned_up_at === null ? (
      <CleanUpLine store={store} label="Cleaning up…" />
    ) : (
      <p className="text-xs text-slate-300">🧹 Cleaned up: nothing of it is left in the cluster.</p>
    )}
  </div>
);
