import { z } from 'zod';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { KubeObject } from '@store-platform/shared/kube/kube-object';
import { isPartOf } from '../manifests/labels.ts';
import type { StageContext } from '../runner/stage.ts';
import { runRecipe } from '../wordpress/run-recipe.ts';
import { defineStage } from './define-stage.ts';
import { guardNamespace } from './guard-namespace.ts';

const PodPhase = z.object({ status: z.object({ phase: z.string().default('') }).default({ phase: '' }) });

const isRunning = (pod: KubeObject): boolean =>
  !pod.metadata.deletionTimestamp && PodPhase.parse(pod).status.phase === 'Running';

const findShopPod = ({ cluster, store }: StageContext): string | undefined =>
  cluster.watch
    .list('Pod', store.namespace)
    .find((pod) => isPartOf(pod, store, 'woocommerce') && isRunning(pod))?.metadata.name;

/** Runs the recipe in whichever pod is WordPress now; it finds what an earlier run has done. */
export const wpCli = defineStage('wp-cli', async (context) => {
  const { cluster, store, signal, note } = context;
  const find = () => findShopPod(context);
  const refuseGone = guardNamespace(context);
  const findAgain = () => {
    refuseGone();
    return find();
  };
  for (;;) {
    const pod = await cluster.watch.until(store.namespace, findAgain, signal);
    try {
      return await runRecipe(context, pod);
    } catch (error) {
      const replaced = find() !== pod;
      if (!replaced || !(error instanceof PlatformError) || error.code !== 'cluster_away') throw error;
      await note('The pod was replaced; the recipe goes on in the next one.', 'warning');
    }
  }
});
