import { wordpressOf } from '../manifests/wordpress.ts';
import { awaitDeployment } from './await-deployment.ts';
import { defineStage, shopOf } from './define-stage.ts';

export const wordpress = defineStage('wordpress', async (context) => {
  for (const manifest of wordpressOf(shopOf(context))) await context.cluster.apply(manifest, context.signal);
  await awaitDeployment(context, 'woocommerce', 'WordPress');
});
