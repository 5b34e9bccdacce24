import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { WritablePodLog } from '../pod-runtime/pod-log.ts';
import type { PlacedPod, PodRuntime } from '../pod-runtime/pod-runtime.ts';

/** Containers that only remember what was asked of them. */
export interface FakeRuntime extends PodRuntime {
  /** Each start, in order, also those that were refused. */
  readonly starts: PlacedPod[];
  /** The pods that run now, by UID. */
  readonly running: Map<string, PlacedPod>;
  /** How many ever ran at the same time. */
  mostAtOnce(): number;
  /** What the pod of this `app` says. */
  logOf(app: string): WritablePodLog | undefined;
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
  const logs = new Map<string, WritablePodLog>();
  let most = 0;
  return {
    starts,
    running,
    mostAtOnce: () => most,
    logOf: (app) => logs.get(app),
    crash: (app, message) => {
      if (message === undefined) crashes.delete(app);
      else crashes.set(app, message);
    },
    holdBack: (app) => void heldBack.add(app),
    run: async (pod, container, { log, signal }) => {
      if (!pod.containers.includes(container)) return { exitCode: 0, reason: 'Completed' };
      starts.push(pod);
      const message = crashes.get(pod.app);
      if (message !== undefined) {
        log.write(message);
        return { exitCode: 1, reason: 'Error' };
      }
      running.set(pod.uid, pod);
      logs.set(pod.app, log);
      most = Math.max(most, running.size);
      if (!signal.aborted) await once(signal, 'abort');
      // Long enough for a hasty controller to start the next one meanwhile.
      await pause(20);
      running.delete(pod.uid);
      return { exitCode: 0, reason: 'Completed' };
    },
    isReady: async (pod) => !heldBack.has(pod.app),
    probe: async () => undefined,
    exec: async () => 0,
    http: async (pod, port, request, response) => {
      const { host: _host, connection: _connection, ...headers } = request.headers;
      response.end(JSON.stringify({ pod: pod.name, port, url: request.url, headers }));
    },
  };
};
