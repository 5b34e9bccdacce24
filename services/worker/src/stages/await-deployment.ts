import { z } from 'zod';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { diagnose, type Diagnosis } from '@store-platform/shared/kube/diagnose';
import type { ClusterWatch } from '@store-platform/shared/kube/cluster-watch';
import type { KubeObject, Manifest } from '@store-platform/shared/kube/kube-object';
import { isPartOf } from '../manifests/labels.ts';
import type { StageContext } from '../runner/stage.ts';
import { guardNamespace } from './guard-namespace.ts';

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
 * Applies all, then waits for the one deployment among them.
 * @param title as people know it, e.g. `MySQL`
 */
export const applyAndAwait = async (
  context: StageContext,
  manifests: readonly Manifest[],
  title: string,
): Promise<void> => {
  let applied: KubeObject | undefined;
  for (const manifest of manifests) {
    const object = await context.cluster.apply(manifest, context.signal);
    if (manifest.kind === 'Deployment') applied = object;
  }
  if (applied) await awaitDeployment(context, { applied, title });
};

/** What a stage has just applied, and as whom people know it. */
interface AwaitedDeployment {
  readonly applied: KubeObject;
  readonly title: string;
}

/** Waits on the shared watch; tells each new thing that Kubernetes has to say, and fails at once for what can't heal. */
const awaitDeployment = async (context: StageContext, awaited: AwaitedDeployment): Promise<void> => {
  const { cluster, store, signal, note } = context;
  const { watch } = cluster;
  // Kubernetes alternates between sentences, e.g. while it pulls an image: each is news once.
  const told = new Set<string>();
  const refuseGone = guardNamespace(context);
  const lookAgain = () => {
    refuseGone();
    return look(watch, store, awaited, told);
  };
  for (;;) {
    const seen = await watch.until(store.namespace, lookAgain, signal);
    if (seen === 'ready') return;
    if (seen.diagnosis && !seen.diagnosis.canHeal) throw await withLastLines(context, seen.diagnosis);
    await note(seen.message, seen.diagnosis ? 'warning' : 'info');
    told.add(seen.message);
  }
};

interface News {
  readonly message: string;
  readonly diagnosis: Diagnosis | undefined;
}

const look = (
  watch: ClusterWatch,
  store: StageContext['store'],
  { applied, title }: AwaitedDeployment,
  told: ReadonlySet<string>,
): 'ready' | News | undefined => {
  const { namespace } = store;
  const app = applied.metadata.name;
  const deployment = watch.find('Deployment', namespace, app);
  if (deployment && isAsApplied(deployment, applied) && isReady(deployment)) return 'ready';
  const belongs = (object: KubeObject) => isPartOf(object, store, app);
  const diagnosis = diagnose({
    pods: watch.list('Pod', namespace).filter(belongs),
    replicaSets: watch.list('ReplicaSet', namespace).filter(belongs),
    claims: watch.list('PersistentVolumeClaim', namespace).filter(belongs),
  });
  const message = diagnosis?.message ?? `${title} is starting: 0/1 ready.`;
  return told.has(message) ? undefined : { message, diagnosis };
};

/** The watch may be a moment behind: an older state of the deployment, or one of an older namespace, proves nothing. */
const isAsApplied = (seen: KubeObject, applied: KubeObject): boolean =>
  seen.metadata.uid === applied.metadata.uid &&
  (seen.metadata.generation ?? 0) >= (applied.metadata.generation ?? 0);

const logLines = 10;

/** A crash is explained by the container's own last words. */
const withLastLines = async (
  { cluster, store, note }: StageContext,
  { code, message, log }: Diagnosis,
): Promise<PlatformError> => {
  if (log && code === 'crash_loop') {
    const lines = await cluster
      .logs({ namespace: store.namespace, name: log.pod, container: log.container }, logLines)
      // Without its last words the crash is still the reason.
      .catch(() => []);
    if (lines.length > 0) await note(`Last lines of its log:\n${lines.join('\n')}`, 'error');
  }
  return new PlatformError(code, message, { retryable: false });
};
