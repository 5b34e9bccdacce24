import { diagnosis, ownWords, shortPatienceMs, type Diagnosis } from './diagnosis.ts';

/** As the quota's own admission says it, of whatever object. @returns undefined for any other refusal. */
export const quotaSentence = (message: string): string | undefined => {
  const [, quota, requested, used, limited] =
    /exceeded quota: ([^,\s]+)(?:, requested: (.+?), used: (.+?), limited: (.+?))?$/.exec(message.trim()) ??
    [];
  if (!quota) return undefined;
  const figures = requested ? `: ${requested} is asked for, ${used} is used, ${limited} is allowed` : '';
  return `The quota ${quota} is too small${figures}.`;
};

/** A quota of a moment ago has not been counted yet: Kubernetes refuses everything until it has. */
export const isQuotaUncounted = (message: string): boolean => /status unknown for quota/.test(message);

/** Why no pod comes of a replica set: its condition `ReplicaFailure`. */
export const refusedPod = (message: string): Diagnosis => {
  const words = ownWords(message.replace(/^(?:Error creating: )?pods "[^"]*" is forbidden: /, ''));
  const quota = quotaSentence(message);
  if (quota) return diagnosis('quota_exceeded', quota, { patienceMs: 0 });
  if (isQuotaUncounted(message)) {
    return diagnosis('cluster_rejected', `The quota has not been counted yet: ${words}`, {
      hint: 'Kubernetes tries again by itself.',
      patienceMs: shortPatienceMs,
    });
  }
  if (/(?:maximum|minimum) \S+ usage per|limit to request ratio/.test(message)) {
    return diagnosis('quota_exceeded', `The namespace's limit range refuses the pod: ${words}`, {
      hint: 'Raise the limit range, or lower what the containers ask for.',
      patienceMs: 0,
    });
  }
  if (/service ?account/i.test(message)) {
    return diagnosis('cluster_rejected', `The namespace has no service account for the pod yet: ${words}`, {
      hint: "Kubernetes makes it; if it does not, look at the cluster's controllers.",
      patienceMs: shortPatienceMs,
    });
  }
  if (/violates PodSecurity/.test(message)) {
    return diagnosis('cluster_rejected', `The namespace's Pod Security level refuses the pod: ${words}`, {
      hint: 'Lower the level, or take away what the pod may not have.',
      patienceMs: 0,
    });
  }
  // An admission webhook that does not answer may be starting.
  const patienceMs = /webhook|timeout|connection refused/i.test(message) ? shortPatienceMs : 0;
  return diagnosis('cluster_rejected', `Kubernetes refuses the pod: ${words}`, { patienceMs });
};
