import { setTimeout as pause } from 'node:timers/promises';
import type { PlacedPod, PodRuntime } from '../pod-runtime/pod-runtime.ts';

/** Containers that only remember what was asked of them. */
export interface FakeRuntime extends PodRuntime {
  /** Each start, in order, also those that were refused. */
  readonly starts: PlacedPod[];
  /** The pods that run now, by UID. */
  readonly running: Map<string, PlacedPod>;
  /** How many ever ran at the same time. */
  mostAtOnce(): number;
  /** From now on pods of this `app` end at once with this message; undefined lets them run. */
  crash(app: string, message: string | undefined): void;
  /** From now on pods of this `app` run, and are not ready. */
  holdBack(app: string): void;
}

export const createFakeRuntime = (): FakeRuntime => {
  const starts: PlacedPod[] = [];
  const running = new Map<string, PlacedPod>();
  const crashes = new Map<string, string>();
  const heldBack = new Set<string>();
  let most = 0;
  return {
    starts,
    running,
    mostAtOnce: () => most,
    crash: (app, message) => {
      if (message === undefined) crashes.delete(app);
      else crashes.set(app, message);
    },
    holdBack: (app) => void heldBack.add(app),
    start: async (pod) => {
      starts.push(pod);
      const message = crashes.get(pod.app);
      if (message !== undefined) throw new Error(message);
      running.set(pod.uid, pod);
      most = Math.max(most, running.size);
    },
    isReady: async (pod) => !heldBack.has(pod.app),
    stop: async (pod) => {
      // Long enough for a hasty controller to start the next one meanwhile.
      await pause(20);
      running.delete(pod.uid);
    },
    exec: async () => 0,
    http: async (pod, port, request, response) => {
      const { host: _host, connection: _connection, ...headers } = request.headers;
      response.end(JSON.stringify({ pod: pod.name, port, url: request.url, headers }));
    },
    logs: () => undefined,
  };
};
