import { wordpressOf } from '../manifests/wordpress.ts';
import { applyAndAwait } from './await-deployment.ts';
import { defineStage, shopOf } from './define-stage.ts';

export const wordpress = defineStage('wordpress', (context) =>
  applyAndAwait(context, wordpressOf(shopOf(context)), 'WordPress'),
);
