import type { ProblemCode } from '@store-platform/shared/contract/problem';
import type { StoreDetail } from '@store-platform/shared/contract/store';
import { until } from '@store-platform/shared/testing/until';
import { deleteObject } from '../../../services/cluster-emulator/src/api-server/operations.ts';
import { pods as podResource } from '../../../services/cluster-emulator/src/objects/resources.ts';
import { oneStore, type FaultCase, type Grid } from '../fault-case.ts';
import {
  answers500,
  crashes,
  exits,
  hangs,
  inRecipe,
  layInPod,
  noImage,
  noRegistry,
  notReady,
  outOfMemory,
  type App,
  type PodTrouble,
} from './pod-troubles.ts';

/** A pod fares badly: for a while, which the store bears, or for good, which it fails with until somebody mends it. */
export const pods: Grid = {
  name: 'pods',
  title: 'Pods that do not come, crash, never answer, or break off their command',
  promises: [1, 2, 4, 10],
  cases: () => [
    ...apps.flatMap((app) => [
      forAWhile({ name: 'the registry does not answer at first', app, times: 2, trouble: noRegistry }),
      forGood({
        name: 'the registry never answers',
        app,
        code: 'stage_timeout',
        words: /does not answer the node/,
        trouble: noRegistry,
      }),
      forGood({
        name: 'its image does not exist',
        app,
        code: 'image_pull_failed',
        words: /does not exist/,
        trouble: noImage,
      }),
      forAWhile({ name: 'it crashes once', app, times: 1, trouble: crashes }),
      forGood({
        name: 'it crashes again and again',
        app,
        code: 'crash_loop',
        words: /exit code 3/,
        trouble: crashes,
      }),
      forAWhile({ name: 'it runs out of memory once', app, times: 1, trouble: outOfMemory }),
      forGood({
        name: 'it always runs out of memory',
        app,
        code: 'out_of_memory',
        words: /ran out of memory/,
        trouble: outOfMemory,
      }),
      forAWhile({ name: 'it is not ready for a while', app, times: 20, trouble: notReady }),
      forGood({
        name: 'it is never ready',
        app,
        code: 'stage_timeout',
        words: /did not finish/,
        trouble: notReady,
      }),
    ]),
    forAWhile({ name: 'the recipe exits 1 once', app: 'woocommerce', times: 1, trouble: exits, attempts: 2 }),
    forGood({
      name: 'the recipe always exits 1',
      app: 'woocommerce',
      code: 'exec_failed',
      words: /code 1\. No such/,
      trouble: exits,
    }),
    forGood({
      name: 'the recipe hangs',
      app: 'woocommerce',
      code: 'stage_timeout',
      words: /did not finish/,
      trouble: hangs,
    }),
    forAWhile({
      name: 'the shop answers 500 for a while',
      app: 'woocommerce',
      times: 5,
      trouble: answers500,
    }),
    cutInTheMiddle,
    ...(['before it runs', 'after it ran'] as const).map(replacedDuringExec),
  ],
};

const apps: readonly App[] = ['mysql', 'woocommerce'];

interface PodCase {
  readonly name: string;
  readonly app: App;
  readonly trouble: PodTrouble;
}

const forAWhile = ({ attempts = 1, ...given }: PodCase & { times: number; attempts?: number }): FaultCase =>
  oneStore({
    name: `${given.app}: ${given.name}`,
    ends: 'ready',
    check: ({ stages }) =>
      stages.flatMap(({ stage, attempt }) =>
        attempt > attempts ? [`${stage} took ${attempt} attempts`] : [],
      ),
    lay: (bed, storeId) => {
      const { met } = layInPod(bed, storeId, given);
      return { met: () => (met() >= given.times ? 1 : 0) };
    },
  });

const forGood = ({ code, words, ...given }: PodCase & { code: ProblemCode; words: RegExp }): FaultCase =>
  oneStore({
    name: `${given.app}: ${given.name}`,
    ends: 'failed',
    check: ({ error_code, error }) =>
      error_code === code && words.test(error ?? '')
        ? []
        : [`it failed with ${error_code}, not ${code}: ${error}`],
    lay: (bed, storeId) => {
      const { met, heal } = layInPod(bed, storeId, { ...given, times: Number.POSITIVE_INFINITY });
      const failed = bed.awaitStore(storeId, 'failed', ({ status }) => status === 'failed');
      return { met: () => Math.min(1, met()), meanwhile: failed.then(heal) };
    },
  });

/** The recipe's first words have come when every connection to Kubernetes breaks. */
const cutInTheMiddle: FaultCase = oneStore({
  name: 'woocommerce: the connection to the recipe is cut while it runs',
  alone: true,
  ends: 'ready',
  lay: (bed, storeId) =>
    layInPod(bed, storeId, {
      app: 'woocommerce',
      times: 1,
      trouble: inRecipe(async ({ run }) => {
        const code = await run();
        bed.proxies.cluster.breakConnections();
        return code;
      }),
    }),
});

/** Kubernetes makes another pod in its place; the recipe goes on there. */
const replacedDuringExec = (when: 'before it runs' | 'after it ran'): FaultCase =>
  oneStore({
    name: `woocommerce: its pod is replaced under the recipe, ${when}`,
    ends: 'ready',
    check: complaints,
    lay: (bed, storeId) =>
      layInPod(bed, storeId, {
        app: 'woocommerce',
        times: 1,
        trouble: inRecipe(async ({ run, pod: { name } }) => {
          if (when === 'after it ran') await run();
          deleteObject(
            bed.emulator.store,
            { resource: podResource, namespace: storeId, name, subresource: undefined },
            undefined,
          );
          await until('the pod is gone', () => !bed.emulator.store.get(podResource, storeId, name), {
            timeoutMs: 60_000,
          });
          return 137;
        }),
      }),
  });

const complaints = ({ stages }: StoreDetail): string[] =>
  stages.flatMap(({ stage, attempt }) => (attempt > 2 ? [`${stage} took ${attempt} attempts`] : []));
