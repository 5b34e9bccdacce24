import { z } from 'zod';
import type { KubeObject } from '@store-platform/shared/kube/kube-object';
import { runRecipe } from '../wordpress/run-recipe.ts';
import { defineStage } from './define-stage.ts';

const PodPhase = z.object({ status: z.object({ phase: z.string().default('') }).default({ phase: '' }) });

const isRunning = (pod: KubeObject): boolean =>
  pod.metadata.labels?.['app'] === 'woocommerce' &&
  !pod.metadata.deletionTimestamp &&
  PodPhase.parse(pod).status.phase === 'Running';

/** Runs the recipe in whichever pod is WordPress now; it finds what an earlier run has done. */
export const wpCli = defineStage('wp-cli', async (context) => {
  const { watch } = context.cluster;
  const pod = await watch.until(
    () => watch.list('Pod', context.store.namespace).find(isRunning)?.metadata.name,
    context.signal,
  );
  await runRecipe(context, pod);
});
