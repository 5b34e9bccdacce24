import { useEffect, useId, useRef } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { formatDuration } from '../../ui/format-duration.ts';
import { Notice } from '../../ui/notice.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { useInitialFocus } from '../../ui/use-initial-focus.ts';
import { StoreTypeCards } from './store-type-cards.tsx';
import { storesHeadingId } from './stores-heading.tsx';
import { useCreateStore } from './use-create-store.ts';

interface CreateStoreDialogProps {
  /** Median of recent stores, in seconds; null while nothing is known. */
  readonly usualSeconds: number | null;
  readonly onClose: () => void;
}

export const CreateStoreDialog = ({ usualSeconds, onClose }: CreateStoreDialogProps) => {
  const form = useCreateStore(onClose);
  return (
    <Dialog title="Create New Store" heirId={storesHeadingId} onClose={onClose}>
      <form
        noValidate
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          form.submit();
        }}
      >
        <NameField name={form.name} error={form.nameError} onChange={form.change} />
        <StoreTypeCards />
        <Notice tone="info">
          {usualSeconds === null
            ? 'Provisioning takes 2-5 minutes'
            : `Provisioning usually takes ${formatDuration(usualSeconds)}, going by recent stores`}
        </Notice>
        {form.formError ? <ErrorNotice role="alert" {...form.formError} /> : null}
        <div className="flex flex-wrap justify-end gap-3">
          <Button tone="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button
            tone="primary"
            type="submit"
            className="min-w-40"
            blocked={form.isCreating ? 'The store is being created' : undefined}
          >
            {form.isCreating ? <Spinner /> : null}
            {form.isCreating ? 'Creating…' : '🚀 Create Store'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
};

interface NameFieldProps {
  readonly name: string;
  readonly error: string | undefined;
  readonly onChange: (name: string) => void;
}

const NameField = ({ name, error, onChange }: NameFieldProps) => {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useInitialFocus(input);
  useEffect(() => {
    if (error !== undefined) input.current?.focus();
  }, [error]);
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm font-medium text-slate-200">
        Store Name
      </label>
      <input
        ref={input}
        id={id}
        dir="auto"
        autoComplete="off"
        placeholder="My Shop"
        value={name}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
        onChange={(event) => onChange(event.target.value)}
        className="w-full rounded-lg border border-slate-500 bg-slate-900 px-3 py-2 text-base text-white placeholder:text-slate-400 aria-invalid:border-red-500"
      />
      {error === undefined ? null : (
        <p id={`${id}-error`} role="alert" className="mt-1 text-sm text-red-300">
          {error}
        </p>
      )}
    </div>
  );
};
