import { claimsOf } from '../manifests/claims.ts';
import { defineStage, shopOf } from './define-stage.ts';

/** Never waits for Bound: most clusters bind a claim only when a pod mounts it. */
export const volumes = defineStage('volumes', async (context) => {
  for (const claim of claimsOf(shopOf(context))) await context.cluster.apply(claim, context.signal);
  await context.note('5 GiB for MySQL and 10 GiB for WordPress are claimed.');
});
