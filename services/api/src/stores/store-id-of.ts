import { PlatformError } from '@store-platform/shared/contract/problem';
import { StoreId } from '@store-platform/shared/contract/store';

/** An id that can't be one is as unknown as one that isn't there. @throws PlatformError `store_not_found` */
export const storeIdOf = (params: Readonly<Record<string, string>>): string => {
  const parsed = StoreId.safeParse(params['id']);
  if (!parsed.success) throw unknownStore();
  return parsed.data;
};

export const unknownStore = (): PlatformError =>
  new PlatformError('store_not_found', 'No store has this id.');
