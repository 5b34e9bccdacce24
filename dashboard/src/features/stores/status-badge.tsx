import type { StoreStatus } from '@store-platform/shared/contract/store';
import type { ReactNode } from 'react';
import { Spinner } from '../../ui/spinner.tsx';

const badges: Readonly<Record<StoreStatus, { readonly tone: string; readonly text: ReactNode }>> = {
  provisioning: {
    tone: 'bg-yellow-500/20 text-yellow-300',
    text: (
      <>
        <Spinner />
        Provisioning
      </>
    ),
  },
  ready: { tone: 'bg-green-500/20 text-green-300', text: '✅ Ready' },
  failed: { tone: 'bg-red-500/20 text-red-300', text: '❌ Failed' },
  deleting: { tone: 'bg-slate-600/50 text-slate-200', text: '🗑️ Deleting' },
  deleted: { tone: 'bg-slate-600/50 text-slate-200', text: '🗑️ Deleted' },
};

export const StatusBadge = ({ status }: { status: StoreStatus }) => {
  const { tone, text } = badges[status];
  return (
    <span
      className={`inline-flex shrink-0 items-center gap-1.5 rounded-full px-3 py-1 text-xs font-semibold ${tone}`}
    >
      {text}
    </span>
  );
};
