import type { Store } from '@store-platform/shared/contract/store';
import { ApiError, hintOf } from '../../api/api-error.ts';
import { deleteStore } from '../../api/stores.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { storesHeadingId } from './stores-heading.tsx';
import { useStoreMutation } from './use-store-mutation.ts';

interface DeleteStoreDialogProps {
  readonly store: Store;
  readonly onClose: () => void;
}

export const DeleteStoreDialog = ({ store, onClose }: DeleteStoreDialogProps) => {
  const deletion = useStoreMutation(deleteUnlessGone);
  return (
    <Dialog title="Delete Store" heirId={storesHeadingId} onClose={onClose}>
      <div className="space-y-5">
        <p className="text-slate-200 wrap-anywhere">
          Delete{' '}
          <strong dir="auto" className="text-white">
            {store.name}
          </strong>
          ? This cannot be undone.
        </p>
        <Notice tone="error">
          <p className="font-semibold">⚠️ This will be deleted:</p>
          <ul className="mt-1 list-disc space-y-1 pl-5">
            <li>
              the Kubernetes namespace <code className="font-mono">{store.namespace}</code> and everything in
              it
            </li>
            <li>the MySQL database with all orders, customers and products</li>
            <li>the WordPress files and uploads</li>
            <li>
              the address <span className="font-mono">{store.url}</span>
            </li>
          </ul>
        </Notice>
        {deletion.error ? (
          <ErrorNotice role="alert" message={deletion.error.message} hint={hintOf(deletion.error)} />
        ) : null}
        <div className="flex flex-wrap justify-end gap-3">
          <Button tone="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button
            tone="danger"
            className="min-w-36"
            onClick={() => deletion.mutate(store.store_id, { onSuccess: onClose })}
            blocked={deletion.isPending ? 'The deletion is on its way' : undefined}
          >
            {deletion.isPending ? <Spinner /> : null}
            Yes, Delete
          </Button>
        </div>
      </div>
    </Dialog>
  );
};

/** Somebody else may have been quicker. */
const deleteUnlessGone = async (storeId: string): Promise<void> => {
  try {
    await deleteStore(storeId);
  } catch (error) {
    if (!(error instanceof ApiError) || error.problem?.code !== 'store_not_found') throw error;
  }
};
