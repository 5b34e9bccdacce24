import { ingressOf } from '../manifests/ingress.ts';
import { defineStage, shopOf } from './define-stage.ts';

/** Only now: until WordPress is installed, its address shows a public installer to whoever comes first. */
export const ingress = defineStage('ingress', async (context) => {
  const shop = shopOf(context);
  await context.cluster.apply(ingressOf(shop), context.signal);
  await context.note(`The shop's address is ${shop.url}`);
});
