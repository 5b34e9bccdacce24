import { adminLogin } from '@store-platform/shared/contract/admin-login';
import type { Store } from '@store-platform/shared/contract/store';
import { useRef } from 'react';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { useFocusHeir } from '../../ui/use-focus-heir.ts';

interface StoreActionsProps {
  readonly store: Store;
  /** Id of the card's name, which takes the focus of an action that leaves with the status. */
  readonly nameId: string;
  readonly isRetrying: boolean;
  readonly onRetry: () => void;
  readonly onDelete: () => void;
}

export const StoreActions = ({ store, nameId, isRetrying, onRetry, onDelete }: StoreActionsProps) => (
  <div className="flex flex-wrap items-center gap-2">
    {store.status === 'ready' ? <ShopLinks store={store} nameId={nameId} /> : null}
    {store.status === 'failed' ? (
      <RetryButton nameId={nameId} isRetrying={isRetrying} onRetry={onRetry} />
    ) : null}
    <Button
      tone="icon"
      className="ml-auto"
      aria-label={`Delete ${store.name}`}
      onClick={onDelete}
      blocked={store.status === 'deleting' ? 'This store is being deleted already' : undefined}
      title="Delete this store"
    >
      🗑️
    </Button>
  </div>
);

const RetryButton = ({
  nameId,
  isRetrying,
  onRetry,
}: Pick<StoreActionsProps, 'nameId' | 'isRetrying' | 'onRetry'>) => {
  const place = useRef<HTMLSpanElement>(null);
  useFocusHeir(place, nameId);
  return (
    <span ref={place} className="contents">
      <Button
        tone="quiet"
        onClick={onRetry}
        blocked={isRetrying ? 'The retry is on its way' : undefined}
        title="Start again from clean ground, at the same address"
      >
        {isRetrying ? <Spinner /> : <span aria-hidden="true">🔁</span>}
        {isRetrying ? 'Retrying…' : 'Retry'}
      </Button>
    </span>
  );
};

const ShopLinks = ({ store, nameId }: Pick<StoreActionsProps, 'store' | 'nameId'>) => {
  const place = useRef<HTMLSpanElement>(null);
  useFocusHeir(place, nameId);
  return (
    <span ref={place} className="contents">
      <a href={store.url} target="_blank" rel="noreferrer" className={buttonClass('primary')}>
        🛒 Open Store
      </a>
      <Tooltip text={loginHint(store)}>
        {(describedBy) => (
          <a
            href={store.admin_url}
            target="_blank"
            rel="noreferrer"
            aria-describedby={describedBy}
            className={buttonClass('quiet')}
          >
            ⚙️ Admin
          </a>
        )}
      </Tooltip>
    </span>
  );
};

/** The known password where only this machine reaches the shop; elsewhere, where to find its own. */
const loginHint = ({ url, namespace }: Store): string => {
  const { username, password } = adminLogin(url);
  return password === null
    ? `Login: ${username} / its own password, in Secret store-credentials of namespace ${namespace}`
    : `Login: ${username} / ${password}`;
};
