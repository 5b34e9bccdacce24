import { z } from 'zod';
import type { Severity } from '@store-platform/shared/contract/event';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { diagnose } from '@store-platform/shared/kube/diagnose';
import { isPodRunning } from '@store-platform/shared/kube/diagnose-pod';
import type { Diagnosis } from '@store-platform/shared/kube/diagnosis';
import type { KubeObject, Manifest } from '@store-platform/shared/kube/kube-object';
import { asSentence } from '@store-platform/shared/lifecycle/as-sentence';
import { isPartOf } from '../manifests/labels.ts';
import type { StageContext } from '../runner/stage.ts';
import { createClusterEvents } from './cluster-events.ts';
import { guardNamespace } from './guard-namespace.ts';
import { inItsOwnWords } from './last-words.ts';
import { createPatience } from './patience.ts';
import { waitUntil } from './wait-until.ts';

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

/**
 * Waits on the shared watch; tells each new thing that Kubernetes has to say, with what to do about it, and fails for what
 * can't heal: at once, or when the patience that it deserves is over.
 */
const awaitDeployment = async (context: StageContext, awaited: AwaitedDeployment): Promise<void> => {
  const { note } = context;
  const starting = `${awaited.title} is starting: 0/1 ready.`;
  // Kubernetes alternates between sentences, e.g. while it pulls an image: each is news once.
  const told = new Set<string>();
  const tell = async (message: string, severity: Severity) => {
    if (!told.has(message)) await note(message, severity);
    told.add(message);
  };
  const patience = createPatience();
  const events = createClusterEvents(context);
  const refuseGone = guardNamespace(context);
  const lookForNews = (): 'ready' | { trouble: Diagnosis | undefined } | undefined => {
    refuseGone();
    const seen = look(context, awaited, events.known());
    if (seen === 'ready') return seen;
    const judged = patience.judge(seen);
    // It may be over in a moment, and if not, the events know its cause.
    const trouble = judged?.isVague && !events.wereRead() ? undefined : judged;
    const isNews = !told.has(trouble?.message ?? starting) || patience.leftMs() <= 0;
    return isNews ? { trouble } : undefined;
  };
  for (;;) {
    const isRunning = podsOf(context, awaited).some(isPodRunning);
    const seen = await waitUntil(
      context,
      Math.min(events.dueInMs(isRunning), patience.leftMs()),
      lookForNews,
    );
    if (seen === 'ready') return;
    if (seen === undefined) {
      if (events.dueInMs(isRunning) <= 0) await events.read();
      continue;
    }
    if (!seen.trouble) {
      await tell(starting, 'info');
      continue;
    }
    const isHopeless = patience.leftMs() <= 0;
    const { message, hint, lines } = await inItsOwnWords(context, seen.trouble);
    if (!isHopeless) await tell(`${asSentence(message)} ${hint}`, 'warning');
    if (lines.length > 0)
      await tell(`Last lines of its log:\n${lines.join('\n')}`, isHopeless ? 'error' : 'warning');
    if (isHopeless) throw new PlatformError(seen.trouble.code, message, { hint, retryable: false });
    told.add(seen.trouble.message);
  }
};

const look = (
  { cluster: { watch }, store }: StageContext,
  awaited: AwaitedDeployment,
  events: readonly KubeObject[],
): 'ready' | Diagnosis | undefined => {
  const { applied } = awaited;
  const { namespace } = store;
  const app = applied.metadata.name;
  const deployment = watch.find('Deployment', namespace, app);
  if (deployment && isAsApplied(deployment, applied) && isReady(deployment)) return 'ready';
  const listed = (kind: 'Pod' | 'ReplicaSet' | 'PersistentVolumeClaim') =>
    watch.list(kind, namespace).filter((object) => isPartOf(object, store, app));
  return diagnose({
    pods: listed('Pod'),
    replicaSets: listed('ReplicaSet'),
    claims: listed('PersistentVolumeClaim'),
    events,
  });
};

const podsOf = ({ cluster, store }: StageContext, { applied }: AwaitedDeployment): KubeObject[] =>
  cluster.watch.list('Pod', store.namespace).filter((pod) => isPartOf(pod, store, applied.metadata.name));

/** The watch may be a moment behind: an older state of the deployment, or one of an older namespace, proves nothing. */
const isAsApplied = (seen: KubeObject, applied: KubeObject): boolean =>
  seen.metadata.uid === applied.metadata.uid &&
  (seen.metadata.generation ?? 0) >= (applied.metadata.generation ?? 0);
