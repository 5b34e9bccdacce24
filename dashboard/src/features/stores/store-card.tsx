import type { Store } from '@store-platform/shared/contract/store';
import { useId, useRef } from 'react';
import { hintOf } from '../../api/api-error.ts';
import { retryStore } from '../../api/stores.ts';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { formatDuration } from '../../ui/format-duration.ts';
import { Notice } from '../../ui/notice.tsx';
import { Timestamp } from '../../ui/timestamp.tsx';
import { useFocusHeir } from '../../ui/use-focus-heir.ts';
import { CleanUpLine } from './clean-up-line.tsx';
import { FailureReport } from './failure-report.tsx';
import { ProvisioningProgress } from './provisioning-progress.tsx';
import { StatusBadge } from './status-badge.tsx';
import { StoreActions } from './store-actions.tsx';
import { StoreHistory } from './store-history.tsx';
import { storesHeadingId } from './stores-heading.tsx';
import { useStoreMutation } from './use-store-mutation.ts';

interface StoreCardProps {
  readonly store: Store;
  readonly usualSeconds: number | null;
  readonly onDelete: (store: Store) => void;
}

export const StoreCard = ({ store, usualSeconds, onDelete }: StoreCardProps) => {
  const nameId = useId();
  const card = useRef<HTMLElement>(null);
  useFocusHeir(card, storesHeadingId);
  const retry = useStoreMutation(retryStore);
  return (
    <article
      ref={card}
      aria-labelledby={nameId}
      className="flex min-w-0 flex-col gap-4 rounded-2xl border border-slate-700 bg-slate-800 p-4 sm:p-5"
    >
      <header className="flex flex-wrap items-start justify-between gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-40">
          <h3
            id={nameId}
            tabIndex={-1}
            dir="auto"
            className="text-left text-xl font-bold text-white wrap-anywhere"
          >
            {store.name}
          </h3>
          <p className="text-sm text-slate-400">WooCommerce Store</p>
        </div>
        <StatusBadge status={store.status} />
      </header>
      <Facts store={store} />
      <WaitingLine store={store} />
      <StatusDetails store={store} usualSeconds={usualSeconds} />
      {retry.error && store.status === 'failed' ? (
        <ErrorNotice role="alert" message={retry.error.message} hint={hintOf(retry.error)} />
      ) : null}
      <div className="space-y-3">
        <StoreHistory storeId={store.store_id} />
        <StoreActions
          store={store}
          nameId={nameId}
          isRetrying={retry.isPending}
          onRetry={() => retry.mutate(store.store_id)}
          onDelete={() => onDelete(store)}
        />
      </div>
    </article>
  );
};

const Facts = ({ store }: { store: Store }) => (
  <div className="space-y-1 text-xs text-slate-400">
    <p className="font-mono text-slate-300">{store.store_id}</p>
    <p>
      Created <Timestamp time={store.created_at} />
    </p>
    {store.status === 'ready' ? (
      <a
        href={store.url}
        target="_blank"
        rel="noreferrer"
        className="block text-sm text-blue-400 underline wrap-anywhere hover:text-blue-300"
      >
        {store.url}
      </a>
    ) : null}
  </div>
);

/** Why nothing happens: the workers are busy with others. */
const WaitingLine = ({ store: { stores_ahead } }: { store: Store }) =>
  stores_ahead === null ? null : (
    <p className="text-sm text-slate-300">
      🚦{' '}
      {stores_ahead === 0
        ? 'Next in line'
        : `In line: ${stores_ahead} ${stores_ahead === 1 ? 'store is' : 'stores are'} ahead`}
    </p>
  );

const StatusDetails = ({ store, usualSeconds }: Pick<StoreCardProps, 'store' | 'usualSeconds'>) => {
  const { status } = store;
  if (status === 'provisioning') return <ProvisioningProgress store={store} usualSeconds={usualSeconds} />;
  if (status === 'ready') return <ReadyDetails store={store} />;
  if (status === 'failed') return <FailureReport store={store} />;
  if (status === 'deleting')
    return <CleanUpLine store={store} label="Removing the store and all its data…" />;
  return null;
};

const ReadyDetails = ({
  store: { ready_at, started_at, unavailable_since, asleep_since },
}: {
  store: Store;
}) => (
  <>
    {unavailable_since === null ? null : (
      <Notice tone="warning">
        ⚠️ The shop has not answered since <Timestamp time={unavailable_since} />.
      </Notice>
    )}
    {asleep_since === null ? null : (
      <p className="text-sm text-slate-300">
        💤 Asleep since <Timestamp time={asleep_since} />. The next visitor wakes it in a few seconds.
      </p>
    )}
    {ready_at === null ? null : (
      <p className="text-xs text-slate-400">
        Ready after {formatDuration((Date.parse(ready_at) - Date.parse(started_at)) / 1000)}
      </p>
    )}
  </>
);
