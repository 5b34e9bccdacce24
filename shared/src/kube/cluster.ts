import type { ClusterWatch } from './cluster-watch.ts';
import type { ExecRequest, ExecResult } from './exec-in-pod.ts';
import type { KubeObject, Manifest, ObjectRef } from './kube-object.ts';

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
  logs(pod: { namespace: string; name: string; container: string }, lines: number): Promise<string[]>;
  readonly watch: ClusterWatch;
  /** How long one try of one call may take. */
  readonly callTimeoutMs: number;
}

/** Asked before each try of a call; throws for who may no longer write. */
export type BeforeTry = () => Promise<void>;

export interface ConnectedCluster extends Cluster {
  /** The UID of the kube-system namespace: the cluster's identity. */
  readonly uid: string;
  /** Requests so far, by method. */
  counts(): Readonly<Record<string, number>>;
  close(): void;
}
