import type { PlatformError } from '../contract/problem.ts';
import type { ClusterWatch } from './cluster-watch.ts';
import type { ExecRequest, ExecResult } from './exec-in-pod.ts';
import type { KubeObject, Manifest, ObjectRef } from './kube-object.ts';
import type { Preflight } from './preflight.ts';

/**
 * A cluster as the stages use it. Every method throws a PlatformError for what Kubernetes says no to, and the signal's
 * reason when it is aborted.
 */
export interface Cluster {
  /** Server-side apply: what should exist, exists afterwards. The same again changes nothing. */
  apply(manifest: Manifest, signal?: AbortSignal, beforeTry?: BeforeTry): Promise<KubeObject>;
  /** @returns `'exists'` when an object of that name is there, whoever made it. */
  create(manifest: Manifest, signal?: AbortSignal, beforeTry?: BeforeTry): Promise<KubeObject | 'exists'>;
  get(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject | undefined>;
  /** Deletes that very object; another one of its name, and one that is gone, are left alone. */
  delete(ref: ObjectRef, uid: string, signal?: AbortSignal, beforeTry?: BeforeTry): Promise<void>;
  exec(request: ExecRequest): Promise<ExecResult>;
  /** The last lines of a container's log; none where it has none yet. */
  logs(pod: ContainerRef, lines: number): Promise<string[]>;
  /** What Kubernetes has to say about a namespace's objects, oldest and newest in any order. */
  events(namespace: string, signal?: AbortSignal): Promise<KubeObject[]>;
  readonly watch: ClusterWatch;
  /** How long one try of one call may take. */
  readonly callTimeoutMs: number;
}

export interface ContainerRef {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
  /** The run before the one that is there now. */
  readonly previous?: boolean;
}

/** Asked before each try of a call; throws for who may no longer write. */
export type BeforeTry = () => Promise<void>;

export interface ConnectedCluster extends Cluster {
  /** The UID of the kube-system namespace: the cluster's identity. */
  readonly uid: string;
  readonly presence: ClusterPresence;
  readonly preflight: Preflight;
  /** Requests so far, by method. */
  counts(): Readonly<Record<string, number>>;
  close(): void;
}

/** Whether the cluster answers at all, for everyone in this worker who waits for it. */
export interface ClusterPresence {
  /** Why it counts as away; undefined while it is there. */
  absence(): PlatformError | undefined;
  /** Hears of each absence, and of its end with undefined. @returns a function that ends the hearing. */
  onChange(listener: (absence: PlatformError | undefined) => void): () => void;
  /**
   * For whoever got no answer: resolves when the cluster answers.
   * @returns whether it had been away, as far as anyone can tell; if not, it was that one call that failed.
   * @throws the signal's reason
   */
  untilThere(signal: AbortSignal): Promise<boolean>;
}
