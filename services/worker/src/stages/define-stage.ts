import { stagePlan, type StageName } from '@store-platform/shared/contract/stage';
import type { Stage, StageContext } from '../runner/stage.ts';
import type { Shop } from '../manifests/shop.ts';

/** A clean-up is tried for ever. Whoever lifts what holds it up sees it go within a minute. */
const longestBackoffMs = { provisioning: 30_000, teardown: 60_000 };

/** Doubles from a second, with jitter so that stores that failed together don't come back together. */
const backoffMs =
  (longest: number) =>
  (attempt: number): number =>
    Math.min(longest, 1000 * 2 ** Math.min(attempt - 1, 20)) * (0.75 + Math.random() / 2);

/** A stage, with the plan that everyone reads (`shared/src/contract/stage.ts`). */
export const defineStage = (name: StageName, run: (context: StageContext) => Promise<void>): Stage => {
  const { after, timeoutMs, attempts } = stagePlan[name];
  const longest = name === 'teardown' ? longestBackoffMs.teardown : longestBackoffMs.provisioning;
  return { name, after, timeoutMs, attempts, backoffMs: backoffMs(longest), run };
};

export const shopOf = ({ store, settings }: StageContext): Shop => ({
  storeId: store.storeId,
  name: store.name,
  namespace: store.namespace,
  generation: store.generation,
  url: store.url,
  installationId: settings.installationId,
  profile: settings.profile,
  ingressClass: settings.ingressClass,
  ingressNamespace: settings.ingressNamespace,
  registryConfig: settings.registryConfig,
});
