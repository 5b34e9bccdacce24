import { z } from 'zod';
import { conditionsOf } from './conditions-of.ts';
import { diagnoseClaim, diagnoseProbes, diagnoseStandingPod } from './diagnose-events.ts';
import { diagnosePod } from './diagnose-pod.ts';
import { diagnosis, type Diagnosis } from './diagnosis.ts';
import type { KubeObject } from './kube-object.ts';
import { refusedPod } from './refused-pod.ts';

const Phase = z.object({ status: z.object({ phase: z.string().default('') }).default({ phase: '' }) });

/** A deployment's objects, as the watch last saw them, and what Kubernetes' events said when they were last read. */
export interface Symptoms {
  readonly pods: readonly KubeObject[];
  readonly replicaSets: readonly KubeObject[];
  readonly claims?: readonly KubeObject[];
  readonly events?: readonly KubeObject[];
}

/** The first trouble in the order in which a pod comes about: its volume, its admission, its node, its containers. */
export const diagnose = ({
  pods,
  replicaSets,
  claims = [],
  events = [],
}: Symptoms): Diagnosis | undefined => {
  for (const claim of claims) {
    const { phase } = Phase.parse(claim).status;
    if (phase === 'Lost') {
      return diagnosis('volume_pending', `The volume behind the claim ${claim.metadata.name} is gone.`, {
        hint: 'Its data went with it. Retry the store: it gets new volumes.',
        patienceMs: 0,
      });
    }
    const unbound = phase === 'Pending' ? diagnoseClaim(claim, events) : undefined;
    if (unbound) return unbound;
  }
  for (const replicaSet of replicaSets) {
    const refused = conditionsOf(replicaSet).find(
      ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
    );
    if (refused) return refusedPod(refused.message);
  }
  for (const pod of pods) {
    // On its way out: its troubles are not those of the one that comes.
    if (pod.metadata.deletionTimestamp) continue;
    const found = diagnosePod(pod);
    if (found && !found.isVague) return found;
    const told = diagnoseStandingPod(pod, events) ?? found ?? diagnoseProbes(pod, events);
    if (told) return told;
  }
  return undefined;
};
