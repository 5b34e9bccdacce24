import { mysqlOf } from '../manifests/mysql.ts';
import { awaitDeployment } from './await-deployment.ts';
import { defineStage, shopOf } from './define-stage.ts';

export const mysql = defineStage('mysql', async (context) => {
  for (const manifest of mysqlOf(shopOf(context))) await context.cluster.apply(manifest, context.signal);
  await awaitDeployment(context, 'mysql', 'MySQL');
});
