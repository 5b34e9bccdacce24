import { z } from 'zod';
import { diagnosis, ownWords, shortPatienceMs, type Diagnosis, type LogRef } from './diagnosis.ts';
import { imageTrouble } from './image-trouble.ts';
import type { KubeObject } from './kube-object.ts';

const Terminated = z.object({
  reason: z.string().default(''),
  exitCode: z.number().default(0),
  message: z.string().default(''),
});
const Container = z.object({
  name: z.string(),
  image: z.string().default(''),
  ready: z.boolean().default(false),
  restartCount: z.number().default(0),
  state: z
    .object({
      waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).optional(),
      running: z.object({ startedAt: z.string().default('') }).optional(),
      terminated: Terminated.optional(),
    })
    .default({}),
  lastState: z.object({ terminated: Terminated.optional() }).default({}),
});
type Container = z.infer<typeof Container>;

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
});
const Limits = z.array(
  z.looseObject({
    name: z.string(),
    resources: z
      .looseObject({ limits: z.looseObject({ memory: z.string().optional() }).optional() })
      .optional(),
  }),
);
const Pod = z.object({
  spec: z
    .object({ containers: Limits.default([]), initContainers: Limits.default([]) })
    .default({ containers: [], initContainers: [] }),
  status: z
    .object({
      phase: z.string().default(''),
      reason: z.string().default(''),
      message: z.string().default(''),
      conditions: z.array(Condition).default([]),
      initContainerStatuses: z.array(Container).default([]),
      containerStatuses: z.array(Container).default([]),
    })
    .default({
      phase: '',
      reason: '',
      message: '',
      conditions: [],
      initContainerStatuses: [],
      containerStatuses: [],
    }),
});

/** Ends of a container after which its loop counts as one that does not end. */
const hopelessEnds = 4;
/** Whoever lacks memory twice lacks it the third time. */
const hopelessKills = 2;

/** What a pod's own status says is wrong. */
export const diagnosePod = (pod: KubeObject): Diagnosis | undefined => {
  const { spec, status } = Pod.parse(pod);
  if (status.phase === 'Failed' && status.reason) {
    const words = status.message ? `: ${ownWords(status.message)}` : '.';
    return diagnosis('unschedulable', `The node put the pod out (${status.reason})${words}`);
  }
  const unplaced = status.conditions.find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  if (unplaced?.reason === 'Unschedulable') return unschedulable(unplaced.message);
  const memory = new Map(
    [...spec.initContainers, ...spec.containers].map(({ name, resources }) => [
      name,
      resources?.limits?.memory,
    ]),
  );
  const lists = [status.initContainerStatuses, status.containerStatuses];
  for (const [index, containers] of lists.entries()) {
    for (const container of containers) {
      const isInit = index === 0;
      const found = diagnoseContainer({
        container,
        isInit,
        pod: pod.metadata.name,
        memory: memory.get(container.name),
      });
      if (found) return found;
    }
  }
  return undefined;
};

/** Containers that run and are not ready, init containers among them, and since when by the cluster's clock. */
export const runningContainers = (pod: KubeObject): { name: string; startedAt: string }[] => {
  const { status } = Pod.parse(pod);
  return [...status.initContainerStatuses, ...status.containerStatuses].flatMap(({ name, state, ready }) =>
    state.running && !ready ? [{ name, startedAt: state.running.startedAt }] : [],
  );
};

/** Whether it has come so far that a container of it does something. */
export const isPodRunning = (pod: KubeObject): boolean => runningContainers(pod).length > 0;

/** The image that a container waits for. */
export const awaitedImages = (pod: KubeObject): { container: string; image: string }[] => {
  const { status } = Pod.parse(pod);
  return [...status.initContainerStatuses, ...status.containerStatuses]
    .filter(({ state }) => isPullReason(state.waiting?.reason))
    .map(({ name, image }) => ({ container: name, image }));
};

const isPullReason = (reason = ''): boolean => reason === 'ErrImagePull' || reason === 'ImagePullBackOff';

const unschedulable = (words: string): Diagnosis => {
  const said = ownWords(words);
  if (/unbound immediate|persistent ?volumes? to bind|persistentvolumeclaim/i.test(words)) {
    return diagnosis('volume_pending', `The pod waits for its volume: ${said}`, { isVague: true });
  }
  const lacking = [
    ...new Set([...words.matchAll(/Insufficient ([\w-]+(?:[./][\w-]+)*)/gi)].map(([, what = '']) => what)),
  ];
  if (lacking.length > 0)
    return diagnosis(
      'unschedulable',
      `No node has enough ${lacking.join(' and ')} left for the pod: ${said}`,
    );
  if (/too many pods/i.test(words))
    return diagnosis('unschedulable', `No node may hold another pod: ${said}`);
  if (/taint|were unschedulable|not ready|no nodes available/i.test(words)) {
    return diagnosis('unschedulable', `No node takes the pod: ${said}`, {
      hint: 'Look at the nodes: none is ready, or each keeps pods away by a taint.',
    });
  }
  return diagnosis('unschedulable', `No node takes the pod: ${said}`);
};

interface Looked {
  readonly container: Container;
  readonly isInit: boolean;
  readonly pod: string;
  readonly memory: string | undefined;
}

const diagnoseContainer = (looked: Looked): Diagnosis | undefined => {
  const { container, isInit } = looked;
  const { name, image, state, lastState } = container;
  const { reason = '', message = '' } = state.waiting ?? {};
  if (isPullReason(reason)) return imageTrouble(image || `of ${name}`, message || reason, name);
  switch (reason) {
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
    case 'ErrImageInspect':
      return diagnosis(
        'image_pull_failed',
        `The image ${image || `of ${name}`} cannot be used: ${ownWords(message)}`,
        {
          patienceMs: 0,
        },
      );
    case 'CreateContainerConfigError':
      return diagnosis('cluster_rejected', `${name} cannot be set up: ${ownWords(message)}`, {
        hint: 'It waits for what the message names.',
      });
  }
  if (isInit && state.terminated?.exitCode === 0) return undefined;
  const end = state.terminated ?? lastState.terminated;
  const words = `${message} ${end?.message ?? ''}`;
  if (/OOM-?killed|memory limit too low|cannot allocate memory/i.test(words) || end?.reason === 'OOMKilled')
    return outOfMemory(looked, end ? endsOf(container) : hopelessKills);
  const unstarted = notStarted.test(reason)
    ? message
    : notStarted.test(end?.reason ?? '')
      ? end?.message
      : undefined;
  if (unstarted !== undefined) {
    return diagnosis('cluster_rejected', `${name} cannot be started: ${ownWords(unstarted)}`, {
      patienceMs: end && endsOf(container) >= hopelessKills ? 0 : shortPatienceMs,
      subject: name,
      hint: "Look at the command of the image, and at the node's container runtime.",
    });
  }
  const failed = end !== undefined && (end.exitCode !== 0 || reason === 'CrashLoopBackOff');
  return failed ? crashed(looked, end) : undefined;
};

/** The container runtime's words for a container that never ran. */
const notStarted = /^(CreateContainerError|RunContainerError|StartError|ContainerCannotRun)$/;

/** It ended once more than it was started again, unless it runs now. */
const endsOf = ({ restartCount, state }: Container): number => restartCount + (state.running ? 0 : 1);

const logOf = ({ pod, container }: Looked): LogRef => ({
  pod,
  container: container.name,
  ends: endsOf(container),
});

const outOfMemory = (looked: Looked, kills: number): Diagnosis => {
  const { container, memory } = looked;
  const has = memory ? ` (its limit is ${memory})` : '';
  return diagnosis('out_of_memory', `${container.name} ran out of memory and was killed${has}.`, {
    patienceMs: kills >= hopelessKills ? 0 : Number.POSITIVE_INFINITY,
    subject: container.name,
    log: logOf(looked),
  });
};

const crashed = (looked: Looked, end: z.infer<typeof Terminated>): Diagnosis => {
  const { container, isInit } = looked;
  const ends = endsOf(container);
  const times = ends === 1 ? 'once, with' : `${ends} times, last with`;
  const message = `${container.name} ended ${times} ${end.reason || 'an error'} (exit code ${end.exitCode}).`;
  const details = {
    patienceMs: ends >= hopelessEnds ? 0 : Number.POSITIVE_INFINITY,
    subject: container.name,
    log: logOf(looked),
  };
  if (isInit) return diagnosis('preparation_failed', message, details);
  // SIGKILL from elsewhere than its own memory: the node's memory, or a probe that was not answered.
  const hint =
    'It was killed: raise the memory limit if that may be the reason, or see why it does not answer its probe.';
  return diagnosis('crash_loop', message, end.exitCode === 137 ? { ...details, hint } : details);
};
