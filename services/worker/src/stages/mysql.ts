import { mysqlOf } from '../manifests/mysql.ts';
import { applyAndAwait } from './await-deployment.ts';
import { defineStage, shopOf } from './define-stage.ts';

export const mysql = defineStage('mysql', (context) =>
  applyAndAwait(context, mysqlOf(shopOf(context)), 'MySQL'),
);
