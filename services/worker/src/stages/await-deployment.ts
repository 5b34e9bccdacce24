import { z } from 'zod';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { diagnose, type Diagnosis } from '@store-platform/shared/kube/diagnose';
import type { ClusterWatch } from '@store-platform/shared/kube/cluster-watch';
import type { KubeObject } from '@store-platform/shared/kube/kube-object';
import type { StageContext } from '../runner/stage.ts';

const DeploymentStatus = z.object({
  spec: z.object({ replicas: z.number().default(1) }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      updatedReplicas: z.number().default(0),
      readyReplicas: z.number().default(0),
    })
    .default({ observedGeneration: 0, updatedReplicas: 0, readyReplicas: 0 }),
});

/** Whether the deployment as it was last written runs and answers its readiness probe. */
const isReady = (deployment: KubeObject): boolean => {
  const { spec, status } = DeploymentStatus.parse(deployment);
  const seen = status.observedGeneration >= (deployment.metadata.generation ?? 0);
  return seen && status.updatedReplicas >= spec.replicas && status.readyReplicas >= spec.replicas;
};

/** Scaled to 0 a deployment is ready for Kubernetes, and no shop. */
export const isServing = (deployment: KubeObject): boolean =>
  DeploymentStatus.parse(deployment).spec.replicas > 0 && isReady(deployment);

/**
 * Waits on the shared watch; tells each new thing that Kubernetes has to say, and fails at once for what can't heal.
 * @param title as people know it, e.g. `MySQL`
 */
export const awaitDeployment = async (context: StageContext, app: string, title: string): Promise<void> => {
  const { cluster, store, signal, note } = context;
  const { watch } = cluster;
  let told: string | undefined;
  for (;;) {
    const seen = await watch.until(() => look(watch, store.namespace, app, title, told), signal);
    if (seen === 'ready') return;
    if (seen.diagnosis && !seen.diagnosis.canHeal) throw await withLastLines(context, app, seen.diagnosis);
    await note(seen.message, seen.diagnosis ? 'warning' : 'info');
    told = seen.message;
  }
};

interface News {
  readonly message: string;
  readonly diagnosis: Diagnosis | undefined;
}

const look = (
  watch: ClusterWatch,
  namespace: string,
  app: string,
  title: string,
  told: string | undefined,
): 'ready' | News | undefined => {
  const deployment = watch.find('Deployment', namespace, app);
  if (deployment && isReady(deployment)) return 'ready';
  const belongs = (object: KubeObject) => object.metadata.labels?.['app'] === app;
  const diagnosis = diagnose({
    pods: watch.list('Pod', namespace).filter(belongs),
    replicaSets: watch.list('ReplicaSet', namespace).filter(belongs),
  });
  const message = diagnosis?.message ?? `${title} is starting: 0/1 ready.`;
  return message === told ? undefined : { message, diagnosis };
};

const logLines = 10;

/** A crash is explained by the container's own last words. */
const withLastLines = async (
  context: StageContext,
  app: string,
  diagnosis: Diagnosis,
): Promise<PlatformError> => {
  const { cluster, store, note } = context;
  const pod = cluster.watch
    .list('Pod', store.namespace)
    .find(({ metadata }) => metadata.labels?.['app'] === app);
  if (pod && diagnosis.code === 'crash_loop') {
    const container = app === 'mysql' ? 'mysql' : 'wordpress';
    const lines = await cluster.logs(
      { namespace: store.namespace, name: pod.metadata.name, container },
      logLines,
    );
    if (lines.length > 0) await note(`Last lines of its log:\n${lines.join('\n')}`, 'error');
  }
  return new PlatformError(diagnosis.code, diagnosis.message, { retryable: false });
};
