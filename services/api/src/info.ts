import type { Info } from '@store-platform/shared/contract/api';
import { provisioningStages, stagePlan } from '@store-platform/shared/contract/stage';
import { listFindings } from '@store-platform/shared/db/cluster-findings';
import { usualSecondsToReady } from '@store-platform/shared/db/stores';
import { findMissing } from './readiness.ts';
import type { Answer, ApiDeps } from './route.ts';

export const version = '1.0.0';

/** What this installation is, for people: what is embedded, what is emulated, what a store is made of. */
export const handleInfo = async (deps: ApiDeps): Promise<Answer> => {
  const { db, config } = deps;
  const { profile, cluster } = config;
  const body: Info = {
    version,
    cluster: { kind: cluster.kind === 'emulated' ? 'emulated' : 'kubernetes', name: cluster.name },
    database: config.databaseSource,
    queue: config.redisUrl ? 'redis' : 'postgresql',
    profile: {
      name: profile.name,
      parts: {
        MySQL: profile.images.mysql,
        WordPress: profile.images.wordpress,
        WooCommerce: profile.packages.woocommerce.version,
        Storefront: profile.packages.storefront.version,
      },
      end_of_life: profile.endOfLife,
    },
    max_active_stores: config.maxActiveStores,
    usual_seconds_to_ready: await usualSecondsToReady(db),
    stages: provisioningStages.map((stage) => ({
      stage,
      title: stagePlan[stage].title,
      timeout_seconds: stagePlan[stage].timeoutMs / 1000,
    })),
    findings: await listFindings(db),
    missing: await findMissing(deps),
  };
  return { status: 200, body };
};
