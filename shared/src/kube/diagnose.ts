import { z } from 'zod';
import type { ProblemCode } from '../contract/problem.ts';
import type { KubeObject } from './kube-object.ts';

/** What Kubernetes says is wrong, in a person's words. */
export interface Diagnosis {
  readonly code: ProblemCode;
  readonly message: string;
  /** Whether waiting can heal it. What can't heal fails the stage at once. */
  readonly canHeal: boolean;
  /** Whose log has more to say. */
  readonly log?: { readonly pod: string; readonly container: string };
}

const Container = z.object({
  name: z.string(),
  restartCount: z.number().default(0),
  state: z
    .object({
      waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).optional(),
    })
    .optional(),
  lastState: z
    .object({ terminated: z.object({ reason: z.string().default(''), exitCode: z.number() }).optional() })
    .optional(),
});
const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
});
const PodStatus = z.object({
  status: z
    .object({
      containerStatuses: z.array(Container).default([]),
      initContainerStatuses: z.array(Container).default([]),
      conditions: z.array(Condition).default([]),
    })
    .default({ containerStatuses: [], initContainerStatuses: [], conditions: [] }),
});
const Phase = z.object({ status: z.object({ phase: z.string().default('') }).default({ phase: '' }) });
const Conditions = z.object({
  status: z.object({ conditions: z.array(Condition).default([]) }).default({ conditions: [] }),
});

/** Restarts of a container before its loop counts as one that does not end. */
const hopelessRestarts = 4;

/** A registry that says so has spoken; one that does not answer, or asks to slow down, may yet. */
const NO_SUCH_IMAGE = /not found|manifest unknown|does not exist|no match(ing manifest)? for/i;

/** @param objects the deployment's replica sets, pods and claims, as the watch last saw them. */
export const diagnose = (objects: {
  pods: readonly KubeObject[];
  replicaSets: readonly KubeObject[];
  claims?: readonly KubeObject[];
}): Diagnosis | undefined => {
  const lost = objects.claims?.find((claim) => Phase.parse(claim).status.phase === 'Lost');
  if (lost) {
    const message = `The volume behind the claim ${lost.metadata.name} is gone.`;
    return { code: 'unschedulable', message, canHeal: false };
  }
  for (const replicaSet of objects.replicaSets) {
    const refused = conditionOf(Conditions.parse(replicaSet).status.conditions, 'ReplicaFailure', 'True');
    if (refused) return refusedPod(refused.message);
  }
  for (const pod of objects.pods) {
    // On its way out: its troubles are not those of the one that comes.
    if (pod.metadata.deletionTimestamp) continue;
    const { status } = PodStatus.parse(pod);
    const unplaced = conditionOf(status.conditions, 'PodScheduled', 'False');
    if (unplaced?.reason === 'Unschedulable') {
      return { code: 'unschedulable', message: `No node takes the pod: ${unplaced.message}`, canHeal: true };
    }
    for (const container of [...status.initContainerStatuses, ...status.containerStatuses]) {
      const diagnosis = diagnoseContainer(container);
      if (diagnosis) return { ...diagnosis, log: { pod: pod.metadata.name, container: container.name } };
    }
  }
  return undefined;
};

const conditionOf = (conditions: readonly z.infer<typeof Condition>[], type: string, status: string) =>
  conditions.find((condition) => condition.type === type && condition.status === status);

const refusedPod = (message: string): Diagnosis =>
  /exceeded quota/.test(message)
    ? { code: 'quota_exceeded', message: `The quota refuses the pod: ${message}`, canHeal: false }
    : { code: 'cluster_rejected', message: `Kubernetes refuses the pod: ${message}`, canHeal: false };

const diagnoseContainer = (container: z.infer<typeof Container>): Diagnosis | undefined => {
  const waiting = container.state?.waiting;
  const last = container.lastState?.terminated;
  if (!waiting) return outOfMemory(container.name, last);
  const message = `${container.name}: ${waiting.message || waiting.reason}`;
  switch (waiting.reason) {
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
      return { code: 'image_pull_failed', message, canHeal: false };
    case 'ErrImagePull':
    case 'ImagePullBackOff':
      return { code: 'image_pull_failed', message, canHeal: !NO_SUCH_IMAGE.test(waiting.message) };
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
    case 'RunContainerError':
      return { code: 'cluster_rejected', message, canHeal: true };
    case 'CrashLoopBackOff':
      return {
        code: 'crash_loop',
        message: `${container.name} ended ${container.restartCount} times, last with ${lastEnd(last)}.`,
        canHeal: container.restartCount < hopelessRestarts,
      };
    default:
      return outOfMemory(container.name, last);
  }
};

const lastEnd = (last: { reason: string; exitCode: number } | undefined): string =>
  last ? `${last.reason || 'an error'} (exit code ${last.exitCode})` : 'an unknown reason';

const outOfMemory = (name: string, last: { reason: string } | undefined): Diagnosis | undefined =>
  last?.reason === 'OOMKilled'
    ? { code: 'crash_loop', message: `${name} ran out of memory and was killed.`, canHeal: true }
    : undefined;
