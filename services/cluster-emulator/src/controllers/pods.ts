import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../objects/json.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { pods } from '../objects/resources.ts';
import type { PlacedPod, PodRuntime } from '../pod-runtime/pod-runtime.ts';
import { placePod } from './place-pod.ts';
import { podStatusOf, unscheduledStatus } from './pod-status.ts';
import { recordEvent } from './record-event.ts';
import { runPod, type RunningPod } from './run-pod.ts';
import { schedulePod } from './schedule-pod.ts';

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
  find(namespace: string, name: string): RunningPod | undefined;
  stopAll(): Promise<void>;
}

/** What a pod waits for may be mended without a word. */
const scheduleAgainMs = 5_000;

/** Plays scheduler and kubelet: gives pods their node, runs them through the runtime, takes them away. */
export const createPods = ({ store, runtime, folders, readyAfterMs }: PodsOptions): Pods => {
  const running = new Map<string, RunningPod>();

  const start = (pod: KubeObject): number | undefined => {
    const { namespace, name, uid } = pod.metadata;
    const hindrance = schedulePod(store, pod);
    if (hindrance) {
      writeStatus(store, pod, unscheduledStatus(hindrance));
      return scheduleAgainMs;
    }
    const isThere = () => store.get(pods, namespace, name)?.metadata.uid === uid;
    const run = runPod(pod, {
      runtime,
      readyAfterMs,
      place: (): PlacedPod => placePod(store, pod, folders),
      write: (containers) => {
        if (isThere()) writeStatus(store, pod, podStatusOf(pod, containers));
      },
      tell: (event) => {
        if (isThere()) recordEvent(store, pod, event);
      },
      onAsleep: (asleep) => {
        if (isThere()) markAsleep(store, pod, asleep);
      },
    });
    running.set(uid, run);
    return undefined;
  };

  const takeAway = async (pod: KubeObject): Promise<void> => {
    const { namespace, name, uid } = pod.metadata;
    await running.get(uid)?.end();
    running.delete(uid);
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
      found.wake();
      return undefined;
    },
    find: (namespace, name) => running.get(store.get(pods, namespace, name)?.metadata.uid ?? ''),
    stopAll: async () => {
      await Promise.all([...running.values()].map((pod) => pod.end()));
      running.clear();
    },
  };
};

/** On a pod whose processes sleep until somebody visits it. */
export const asleepAnnotation = 'store-platform.dev/asleep';

const markAsleep = (store: ObjectStore, { metadata }: KubeObject, asleep: boolean): void => {
  const known = store.get(pods, metadata.namespace, metadata.name)?.metadata.annotations ?? {};
  if ((known[asleepAnnotation] !== undefined) === asleep) return;
  store.update(pods, metadata.namespace, metadata.name, (pod) => {
    const { [asleepAnnotation]: _, ...others } = pod.metadata.annotations ?? {};
    pod.metadata.annotations = { ...others, ...(asleep && { [asleepAnnotation]: 'true' }) };
  });
};

const writeStatus = (store: ObjectStore, { metadata }: KubeObject, status: JsonObject): void => {
  store.update(pods, metadata.namespace, metadata.name, (pod) => {
    pod['status'] = status;
  });
};
