import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, objectsAt, stringAt, stringsAt, type JsonObject } from '../objects/json.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { persistentVolumeClaims, pods } from '../objects/resources.ts';
import type { PlacedPod, PodRuntime } from '../pod-runtime/pod-runtime.ts';
import { MissingReferenceError, placePod } from './place-pod.ts';
import { recordEvent } from './record-event.ts';

export interface PodsOptions {
  readonly store: ObjectStore;
  readonly runtime: PodRuntime;
  readonly folders: { readonly claims: string; readonly pods: string };
  /** How long a pod takes from its start to ready, in milliseconds. */
  readonly readyAfterMs: number;
}

export interface Pods {
  /** @returns after how many milliseconds to look again, if that is needed. */
  reconcile(namespace: string, name: string): Promise<number | undefined>;
  find(namespace: string, name: string): PlacedPod | undefined;
  stopAll(): Promise<void>;
}

interface Running {
  readonly placed: PlacedPod;
  readonly startedAt: number;
}

const nodeName = 'emulated-node';
const askAgainMs = 100;
/** As a kubelet does it, with shorter times: twice as long after each crash. */
const crashBackOffMs = (crashes: number): number => Math.min(1000 * 2 ** (crashes - 1), 30_000);
const now = () => new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');

/** Plays scheduler and kubelet: places pods, binds their claims, runs them through the runtime, takes them away. */
export const createPods = ({ store, runtime, folders, readyAfterMs }: PodsOptions): Pods => {
  const running = new Map<string, Running>();
  const failures = new Map<string, number>();
  const restartAt = new Map<string, number>();

  const start = async (pod: KubeObject): Promise<number | undefined> => {
    const { namespace, name, uid } = pod.metadata;
    const backOffMs = (restartAt.get(uid) ?? 0) - performance.now();
    if (backOffMs > 0) return backOffMs;
    if (!stringAt(pod, 'spec', 'nodeName')) assign(store, pod);
    const unpullable = imagesOf(pod).find((image) => image.endsWith(':does-not-exist'));
    if (unpullable) return waitWith(pod, 'ImagePullBackOff', `Back-off pulling image "${unpullable}"`);
    try {
      const placed = placePod(store, pod, folders);
      bindClaims(store, pod);
      // Known before it runs, so that whoever stops everything meanwhile stops it too.
      running.set(uid, { placed, startedAt: performance.now() });
      await runtime.start(placed);
      running.set(uid, { placed, startedAt: performance.now() });
      recordEvent(store, pod, { reason: 'Started', message: 'Started its containers' });
      writeStatus(store, namespace, name, runningStatus(pod, false, failures.get(uid) ?? 0));
      return readyAfterMs;
    } catch (error) {
      if (error instanceof MissingReferenceError)
        return waitWith(pod, 'CreateContainerConfigError', error.message);
      running.delete(uid);
      const crashes = (failures.get(uid) ?? 0) + 1;
      failures.set(uid, crashes);
      restartAt.set(uid, performance.now() + crashBackOffMs(crashes));
      const message = error instanceof Error ? error.message : 'it ended';
      waitWith(pod, 'CrashLoopBackOff', `back-off restarting failed container: ${message}`);
      return crashBackOffMs(crashes);
    }
  };

  const waitWith = (pod: KubeObject, reason: string, message: string): number => {
    const { namespace, name, uid } = pod.metadata;
    recordEvent(store, pod, { type: 'Warning', reason: 'Failed', message });
    writeStatus(store, namespace, name, waitingStatus(pod, reason, message, failures.get(uid) ?? 0));
    return 1000;
  };

  const becomeReady = async (
    pod: KubeObject,
    { placed, startedAt }: Running,
  ): Promise<number | undefined> => {
    const waitMs = readyAfterMs - (performance.now() - startedAt);
    if (waitMs > 0) return waitMs;
    if (!(await runtime.isReady(placed))) return askAgainMs;
    const { namespace, name, uid } = pod.metadata;
    writeStatus(store, namespace, name, runningStatus(pod, true, failures.get(uid) ?? 0));
    return undefined;
  };

  const takeAway = async (pod: KubeObject): Promise<void> => {
    const { namespace, name, uid } = pod.metadata;
    const found = running.get(uid);
    if (found) await runtime.stop(found.placed);
    running.delete(uid);
    failures.delete(uid);
    restartAt.delete(uid);
    rmSync(join(folders.pods, uid), { recursive: true, force: true });
    if (store.get(pods, namespace, name)?.metadata.uid === uid) store.remove(pods, namespace, name);
  };

  return {
    reconcile: async (namespace, name) => {
      const pod = store.get(pods, namespace, name);
      if (!pod) return undefined;
      if (pod.metadata.deletionTimestamp) {
        await takeAway(pod);
        return undefined;
      }
      const found = running.get(pod.metadata.uid);
      if (!found) return start(pod);
      return isReady(pod) ? undefined : becomeReady(pod, found);
    },
    find: (namespace, name) => running.get(store.get(pods, namespace, name)?.metadata.uid ?? '')?.placed,
    stopAll: async () => {
      await Promise.all([...running.values()].map(({ placed }) => runtime.stop(placed)));
      running.clear();
    },
  };
};

const imagesOf = (pod: KubeObject): string[] =>
  ['initContainers', 'containers'].flatMap((which) =>
    objectsAt(pod, 'spec', which).map((container) => stringAt(container, 'image') ?? ''),
  );

const assign = (store: ObjectStore, pod: KubeObject): void => {
  const { namespace, name } = pod.metadata;
  store.update(pods, namespace, name, (object) => {
    if (isJsonObject(object['spec'])) object['spec']['nodeName'] = nodeName;
  });
  recordEvent(store, pod, {
    reason: 'Scheduled',
    message: `Successfully assigned ${namespace}/${name} to ${nodeName}`,
  });
};

/** Late, as most clusters do it: a claim waits for its first pod. */
const bindClaims = (store: ObjectStore, pod: KubeObject): void => {
  for (const volume of objectsAt(pod, 'spec', 'volumes')) {
    const name = stringAt(volume, 'persistentVolumeClaim', 'claimName');
    if (!name) continue;
    store.update(persistentVolumeClaims, pod.metadata.namespace, name, (claim) => {
      if (isJsonObject(claim['spec'])) claim['spec']['volumeName'] ??= `pvc-${claim.metadata.uid}`;
      const capacity = stringsAt(claim, 'spec', 'resources', 'requests');
      claim['status'] = { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity };
    });
  }
};

const isReady = (pod: KubeObject): boolean =>
  objectsAt(pod, 'status', 'conditions').some(({ type, status }) => type === 'Ready' && status === 'True');

const writeStatus = (
  store: ObjectStore,
  namespace: string | undefined,
  name: string,
  status: JsonObject,
): void => {
  if (!store.get(pods, namespace, name)) return;
  store.update(pods, namespace, name, (pod) => {
    pod['status'] = status;
  });
};

const condition = (type: string, met: boolean) => ({ type, status: met ? 'True' : 'False' });
const conditions = (initialised: boolean, ready: boolean) => [
  condition('PodScheduled', true),
  condition('Initialized', initialised),
  condition('ContainersReady', ready),
  condition('Ready', ready),
];

const containerStatuses = (pod: KubeObject, which: string, rest: JsonObject): JsonObject[] =>
  objectsAt(pod, 'spec', which).map((container) => ({
    name: stringAt(container, 'name') ?? '',
    image: stringAt(container, 'image') ?? '',
    imageID: '',
    ...rest,
  }));

const runningStatus = (pod: KubeObject, ready: boolean, restartCount: number): JsonObject => ({
  phase: 'Running',
  hostIP: '127.0.0.1',
  podIP: '127.0.0.1',
  startTime: stringAt(pod, 'status', 'startTime') ?? now(),
  conditions: conditions(true, ready),
  initContainerStatuses: containerStatuses(pod, 'initContainers', {
    ready: true,
    restartCount: 0,
    state: { terminated: { exitCode: 0, reason: 'Completed' } },
  }),
  containerStatuses: containerStatuses(pod, 'containers', {
    ready,
    restartCount,
    started: true,
    state: { running: { startedAt: now() } },
  }),
});

const waitingStatus = (
  pod: KubeObject,
  reason: string,
  message: string,
  restartCount: number,
): JsonObject => ({
  phase: 'Pending',
  conditions: conditions(false, false),
  containerStatuses: containerStatuses(pod, 'containers', {
    ready: false,
    restartCount,
    started: false,
    state: { waiting: { reason, message } },
    ...(restartCount > 0 && { lastState: { terminated: { exitCode: 1, reason: 'Error' } } }),
  }),
});
