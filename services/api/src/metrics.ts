import { countStores } from '@store-platform/shared/db/stores';
import type { Answer, ApiDeps } from './route.ts';

export const handleMetrics = async ({ db }: ApiDeps): Promise<Answer> => ({
  status: 200,
  body: await countStores(db),
});
