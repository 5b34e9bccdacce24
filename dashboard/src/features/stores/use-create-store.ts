import { StoreName } from '@store-platform/shared/contract/store';
import { useRef, useState } from 'react';
import { ApiError, fieldError } from '../../api/api-error.ts';
import { createStore } from '../../api/stores.ts';
import { intentFor, type Intent } from './intent-key.ts';
import { useStoreMutation } from './use-store-mutation.ts';

/** The create form's state. `nameError` belongs at the field, `formError` to the whole. */
export const useCreateStore = (onCreated: () => void) => {
  const [name, setName] = useState('');
  const [ownError, setOwnError] = useState<string>();
  const intent = useRef<Intent>(undefined);
  const creation = useStoreMutation(({ name, key }: Intent) =>
    createStore({ name, type: 'woocommerce' }, key),
  );

  const submit = () => {
    if (creation.isPending) return;
    const parsed = StoreName.safeParse(name);
    setOwnError(parsed.error?.issues[0]?.message);
    if (!parsed.success) return;
    intent.current = intentFor(parsed.data, intent.current);
    creation.mutate(intent.current, { onSuccess: onCreated });
  };

  const change = (value: string) => {
    setName(value);
    setOwnError(undefined);
    if (creation.isError) creation.reset();
  };

  const serverError = fieldError(creation.error, 'name');
  return {
    name,
    change,
    submit,
    isCreating: creation.isPending,
    nameError: ownError ?? serverError,
    formError: serverError === undefined ? asApiError(creation.error) : undefined,
  };
};

const asApiError = (error: Error | null): { message: string; hint?: string } | undefined => {
  if (!error) return undefined;
  return error instanceof ApiError
    ? { message: error.message, hint: error.hint }
    : { message: error.message };
};
