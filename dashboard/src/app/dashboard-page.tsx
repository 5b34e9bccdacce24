import type { Store } from '@store-platform/shared/contract/store';
import { useState } from 'react';
import { ConnectionBanner } from '../features/connection/connection-banner.tsx';
import { FindingsBanner } from '../features/installation/findings-banner.tsx';
import { InstallationFooter } from '../features/installation/installation-footer.tsx';
import { StandstillBanner } from '../features/installation/standstill-banner.tsx';
import { useInfo } from '../features/installation/use-info.ts';
import { MetricsBar } from '../features/metrics/metrics-bar.tsx';
import { useMetrics } from '../features/metrics/use-metrics.ts';
import { CreateStoreDialog } from '../features/stores/create-store-dialog.tsx';
import { DeleteStoreDialog } from '../features/stores/delete-store-dialog.tsx';
import { StoresSection } from '../features/stores/stores-section.tsx';
import { POLL_MS, type useStores } from '../features/stores/use-stores.ts';
import { Header } from './header.tsx';

interface DashboardPageProps {
  readonly stores: ReturnType<typeof useStores>;
  /** Why there is no fresh answer. */
  readonly error: Error | null;
  readonly onSignOut: (() => void) | undefined;
}

export const DashboardPage = ({ stores, error, onSignOut }: DashboardPageProps) => {
  // The first answer shows that the door is open; until then one question is enough.
  const isOpen = stores.data !== undefined;
  const metrics = useMetrics({ enabled: isOpen, pollMs: POLL_MS });
  const info = useInfo({ enabled: isOpen });
  const [isCreating, setCreating] = useState(false);
  const [deleteTarget, setDeleteTarget] = useState<Store>();
  const usualSeconds = info.data?.usual_seconds_to_ready ?? null;
  return (
    <>
      <Header onCreate={() => setCreating(true)} />
      <main>
        <ConnectionBanner error={error ?? metrics.error} lastSeenMs={stores.dataUpdatedAt} />
        <StandstillBanner missing={info.data?.missing ?? []} />
        <FindingsBanner findings={info.data?.findings ?? []} />
        <MetricsBar metrics={metrics.data} />
        <StoresSection
          query={stores}
          wasRefused={error !== null}
          total={metrics.data?.total}
          usualSeconds={usualSeconds}
          onCreate={() => setCreating(true)}
          onDelete={setDeleteTarget}
        />
      </main>
      <InstallationFooter info={info.data} onSignOut={onSignOut} />
      {isCreating ? (
        <CreateStoreDialog usualSeconds={usualSeconds} onClose={() => setCreating(false)} />
      ) : null}
      {deleteTarget ? (
        <DeleteStoreDialog store={deleteTarget} onClose={() => setDeleteTarget(undefined)} />
      ) : null}
    </>
  );
};
