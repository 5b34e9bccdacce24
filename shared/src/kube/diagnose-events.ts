import { z } from 'zod';
import { awaitedImages, runningContainers } from './diagnose-pod.ts';
import { diagnosis, ownWords, shortPatienceMs, type Diagnosis } from './diagnosis.ts';
import { imageTrouble } from './image-trouble.ts';
import type { KubeObject } from './kube-object.ts';

const KubeEvent = z.object({
  metadata: z.looseObject({ creationTimestamp: z.string().nullish() }),
  involvedObject: z.looseObject({ uid: z.string().default(''), fieldPath: z.string().default('') }),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
});
interface Said {
  readonly reason: string;
  readonly message: string;
  readonly time: string;
  /** Of the container, e.g. `spec.containers{mysql}`. */
  readonly fieldPath: string;
}

/** What Kubernetes' events say about this very object, the newest first. */
const saidOf = ({ metadata: { uid } }: KubeObject, events: readonly KubeObject[]): Said[] =>
  events
    .map((event) => KubeEvent.parse(event))
    .filter(({ involvedObject }) => involvedObject.uid === uid)
    .toSorted((a, b) => timeOf(b).localeCompare(timeOf(a)))
    .map((event) => ({
      reason: event.reason ?? '',
      message: event.message ?? '',
      time: timeOf(event),
      fieldPath: event.involvedObject.fieldPath,
    }));

const timeOf = ({ lastTimestamp, eventTime, metadata }: z.infer<typeof KubeEvent>): string =>
  lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';

/** A provisioner may take its time; one that is not there never makes a volume. */
const provisionerPatienceMs = 120_000;

/** Why a claim has no volume yet. Kubernetes tells most of it as `Normal`: by the event's type one would miss it. */
export const diagnoseClaim = (claim: KubeObject, events: readonly KubeObject[]): Diagnosis | undefined => {
  const { name } = claim.metadata;
  const newest = saidOf(claim, events).find(({ reason }) =>
    /^(FailedBinding|ProvisioningFailed|ExternalProvisioning|VolumeMismatch)$/.test(reason),
  );
  if (!newest) return undefined;
  const { reason, message } = newest;
  const words = ownWords(message);
  if (/no storage class is set/i.test(message)) {
    return diagnosis(
      'volume_pending',
      `The claim ${name} gets no volume, because the cluster has no default storage class: ${words}`,
      { hint: 'Mark a storage class as the default one, then retry.', patienceMs: 0 },
    );
  }
  const [, missing] = /storageclass\S* ["']?([\w.-]+)["']? not found/i.exec(message) ?? [];
  if (missing) {
    return diagnosis(
      'volume_pending',
      `The claim ${name} asks for the storage class ${missing}, which does not exist.`,
      {
        hint: 'Make that storage class, then retry.',
        patienceMs: 0,
      },
    );
  }
  const [, provisioner] = /provisioner ["']([^"']+)["']/i.exec(message) ?? [];
  if (reason === 'ExternalProvisioning') {
    return diagnosis(
      'volume_pending',
      `The claim ${name} waits for ${provisioner ?? 'its provisioner'} to make its volume.`,
      {
        hint: 'Check that this provisioner runs in the cluster.',
        patienceMs: provisionerPatienceMs,
      },
    );
  }
  return diagnosis('volume_pending', `The volume of the claim ${name} is not made: ${words}`);
};

const standsStill =
  /^(FailedMount|FailedAttachVolume|FailedMapVolume|FailedCreatePodSandBox|FailedCreatePodContainer)$/;
/** A kubelet that has not heard of a ConfigMap or Secret of a moment ago; it has at its next try. */
const isUnsynced = /failed to sync (configmap|secret) cache/;

/** Kubernetes' own words for an image: every healthy start has them. */
const isImage = /^Pulling image /;

/** What its status does not say about a pod that does not come: images, volumes, its network. */
export const diagnoseStandingPod = (
  pod: KubeObject,
  events: readonly KubeObject[],
): Diagnosis | undefined => {
  const said = saidOf(pod, events);
  const [awaited] = awaitedImages(pod);
  const pull = awaited && said.find(({ message }) => message.startsWith('Failed to pull image'));
  if (pull)
    return imageTrouble(
      awaited.image,
      pull.message.replace(/^Failed to pull image "[^"]*": /, ''),
      awaited.container,
    );
  const newest = said.find(({ reason, message }) => standsStill.test(reason) && !isUnsynced.test(message));
  if (runningContainers(pod).length > 0) return undefined;
  const step = said.find(({ reason }) => /^(Pulling|Pulled|Started)$/.test(reason));
  if (step?.reason === 'Pulling' && !isImage.test(step.message))
    return diagnosis('preparation_failed', ownWords(step.message), { hint: 'It goes on by itself.' });
  if (!newest) return undefined;
  const words = ownWords(newest.message);
  if (!newest.reason.startsWith('FailedCreate'))
    return diagnosis('volume_pending', `A volume of the pod cannot be mounted: ${words}`);
  return /OOM-?killed|memory limit too low|cannot allocate memory/i.test(newest.message)
    ? diagnosis('out_of_memory', `The pod has too little memory to start at all: ${words}`, {
        patienceMs: shortPatienceMs,
      })
    : diagnosis('cluster_rejected', `The node cannot set up the pod: ${words}`, {
        hint: "Look at the node's network plugin and container runtime.",
      });
};

/**
 * So long a container may leave its probes unanswered: MySQL makes its first files, WordPress waits for MySQL. A little
 * less than the time after which events are read of one that runs.
 */
const startMs = 25_000;

/** A container that runs without getting ready: which probe it does not answer. */
export const diagnoseProbes = (pod: KubeObject, events: readonly KubeObject[]): Diagnosis | undefined => {
  const said = saidOf(pod, events).filter(({ reason }) => reason === 'Unhealthy');
  for (const { name, startedAt } of runningContainers(pod)) {
    const unhealthy = said.find(({ fieldPath }) => fieldPath === '' || fieldPath.includes(`{${name}}`));
    if (!unhealthy || Date.parse(unhealthy.time) - Date.parse(startedAt) < startMs) continue;
    const [, probe = '', words = unhealthy.message] =
      /^(\w+) probe (?:failed|errored)[:,]?\s*([^]*)$/i.exec(unhealthy.message) ?? [];
    const which = `${probe.toLowerCase()} probe`.trim();
    return diagnosis(
      'probe_failing',
      `${name} runs, but does not answer its ${which}: ${ownWords(words) || 'no answer'}`,
      { subject: name },
    );
  }
  return undefined;
};
