import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { ImageRefusal } from '../controllers/image-refusal.ts';
import type { WritablePodLog } from './pod-log.ts';

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

/** How a container ended, in Kubernetes' own words. */
export interface ContainerEnd {
  readonly exitCode: number;
  readonly reason: 'Completed' | 'Error' | 'OOMKilled' | 'StartError';
  readonly message?: string;
}

/** What a command says, and to whom it listens. */
export interface CommandIo {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal: AbortSignal;
}

/** What a container has of its surroundings while it runs. */
export interface ContainerIo {
  readonly log: WritablePodLog;
  readonly signal: AbortSignal;
  /** Its processes sleep, or are awake again: shown at the pod, which stays ready. */
  onAsleep(asleep: boolean): void;
}

/** What happens inside of a pod. The controllers own phases, conditions, restarts and logs. */
export interface PodRuntime {
  /**
   * Waits, before each start of a container, until what the pod needs is on this machine, as a kubelet waits for an
   * image. Where nothing is ever waited for, this is left out.
   * @param io `tell` says how far it is. Ends with `signal`.
   */
  pull?(pod: PlacedPod, io: { tell(message: string): void; signal: AbortSignal }): Promise<void>;
  /** An image that this pod does not get, for now. Where each pod gets what is there, this is left out. */
  refuses?(pod: PlacedPod, image: string): ImageRefusal | undefined;
  /**
   * Resolves when it is known that the pod's start takes its own time, so that none is played; until then and otherwise it
   * is. Where each start is played, this is left out.
   */
  startsByItself?(pod: PlacedPod, signal: AbortSignal): Promise<void>;
  /** Runs a container until it ends, or is told to by `signal`; nothing of it runs once this is settled. */
  run(pod: PlacedPod, container: PlacedContainer, io: ContainerIo): Promise<ContainerEnd>;
  /** Whether the pod answers those who ask it over the network. */
  isReady(pod: PlacedPod): Promise<boolean>;
  /** A probe that is a command. @returns what it says against the container; undefined when it is content */
  probe(pod: PlacedPod, container: PlacedContainer, command: readonly string[]): Promise<string | undefined>;
  /** @returns the exit code. Aborts with `signal`. @throws KubeStatusError for a program that does not exist */
  exec(pod: PlacedPod, container: string, command: readonly string[], io: CommandIo): Promise<number>;
  /** Serves one request that reached `port` of the pod. */
  http(pod: PlacedPod, port: number, request: IncomingMessage, response: ServerResponse): Promise<void>;
}
