import { stringAt, type JsonObject } from '../objects/json.ts';
import type { KubeObject } from '../objects/object-store.ts';

/** A container as its pod's status shows it. */
export interface ContainerView {
  readonly name: string;
  readonly image: string;
  readonly isInit: boolean;
  readonly ready: boolean;
  readonly restartCount: number;
  /** One of `waiting`, `running` and `terminated`. */
  readonly state: JsonObject;
  readonly lastState: JsonObject;
}

/** The seconds of now, as Kubernetes writes times. */
export const timeNow = (): string => new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');

const condition = (type: string, unmet: string | undefined, reason: string): JsonObject =>
  unmet === undefined ? { type, status: 'True' } : { type, status: 'False', reason, message: unmet };

const unmet = (words: string, containers: readonly ContainerView[]): string | undefined =>
  containers.length === 0 ? undefined : `${words}: [${containers.map(({ name }) => name).join(' ')}]`;

/** What a pod with a node tells of itself. */
export const podStatusOf = (pod: KubeObject, containers: readonly ContainerView[]): JsonObject => {
  const inits = containers.filter(({ isInit }) => isInit);
  const mains = containers.filter(({ isInit }) => !isInit);
  const uninitialised = inits.filter(({ ready }) => !ready);
  const unready = unmet(
    'containers with unready status',
    mains.filter(({ ready }) => !ready),
  );
  const isRunning = mains.some(({ state, restartCount }) => !('waiting' in state) || restartCount > 0);
  return {
    phase: isRunning ? 'Running' : 'Pending',
    hostIP: '127.0.0.1',
    ...(isRunning && { podIP: '127.0.0.1' }),
    startTime: stringAt(pod, 'status', 'startTime') ?? timeNow(),
    conditions: [
      condition(
        'Initialized',
        unmet('containers with incomplete status', uninitialised),
        'ContainersNotInitialized',
      ),
      condition('Ready', unready, 'ContainersNotReady'),
      condition('ContainersReady', unready, 'ContainersNotReady'),
      condition('PodScheduled', undefined, ''),
    ],
    ...(inits.length > 0 && { initContainerStatuses: inits.map(statusOf) }),
    containerStatuses: mains.map(statusOf),
  };
};

const statusOf = ({
  name,
  image,
  isInit,
  ready,
  restartCount,
  state,
  lastState,
}: ContainerView): JsonObject => ({
  name,
  image,
  imageID: '',
  ready,
  restartCount,
  ...(!isInit && { started: 'running' in state }),
  state,
  lastState,
});

/** What a pod without one tells. */
export const unscheduledStatus = (message: string): JsonObject => ({
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
});
