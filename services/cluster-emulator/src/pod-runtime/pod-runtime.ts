import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { PodLog } from './pod-log.ts';

/** A pod that its controller has placed: everything that its containers could see is resolved. */
export interface PlacedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The `app` label, e.g. `mysql` or `woocommerce`. */
  readonly app: string;
  readonly containers: readonly PlacedContainer[];
  readonly initContainers: readonly PlacedContainer[];
}

export interface PlacedContainer {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  /** `env` and `envFrom` with Secrets and ConfigMaps looked up. */
  readonly env: Readonly<Record<string, string>>;
  /** Mount path → folder on this machine that holds the claim, the emptyDir, or the written-out ConfigMap or Secret. */
  readonly mounts: Readonly<Record<string, string>>;
}

/** What a pod does. The controllers own phases, conditions and restarts; a runtime owns what happens inside. */
export interface PodRuntime {
  /** Resolves once the containers run; readiness is asked of `isReady`. Rejects with what a container's log would say. */
  start(pod: PlacedPod): Promise<void>;
  isReady(pod: PlacedPod): Promise<boolean>;
  /** Idempotent; nothing of the pod runs afterwards. Its claims' folders stay. */
  stop(pod: PlacedPod): Promise<void>;
  /** @returns the exit code; 127 for a command that does not exist. Aborts with `signal`. */
  exec(
    pod: PlacedPod,
    container: string,
    command: readonly string[],
    io: { stdout: Writable; stderr: Writable; signal: AbortSignal },
  ): Promise<number>;
  /** Serves one request that reached `port` of the pod. */
  http(pod: PlacedPod, port: number, request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** @returns undefined when the container doesn't run. */
  logs(pod: PlacedPod, container: string): PodLog | undefined;
}
