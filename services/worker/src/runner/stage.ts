import type { Severity } from '@store-platform/shared/contract/event';
import type { StageName } from '@store-platform/shared/contract/stage';
import type { Profile } from '@store-platform/shared/config/profiles';
import type { IngressAddress } from '@store-platform/shared/config/worker-config';
import type { Cluster } from '@store-platform/shared/kube/cluster';

/**
 * A stage is a value: it says what should exist and looks whether it does. Time, attempts, rows and events are the
 * runner's. It throws a `PlatformError` to fail; anything else that it throws counts as a retryable fault.
 */
export interface Stage {
  readonly name: StageName;
  readonly after: readonly StageName[];
  /** Milliseconds in which a worker may watch this stage, over all attempts. */
  readonly timeoutMs: number;
  readonly attempts: number;
  /** @param attempt the one that failed, from 1. */
  backoffMs(attempt: number): number;
  run(context: StageContext): Promise<void>;
}

/** What a stage may know and do. Nothing here reaches the database or the queue but through the runner. */
export interface StageContext {
  readonly store: StageStore;
  readonly cluster: Cluster;
  readonly settings: StageSettings;
  /** Aborted when the stage is cancelled, out of time, or its worker drains or lost its lease. */
  readonly signal: AbortSignal;
  /** Tells people how it goes, as an event of this stage. */
  note(message: string, severity?: Severity): Promise<void>;
  recordNamespaceUid(uid: string): Promise<void>;
}

export interface StageStore {
  readonly storeId: string;
  readonly name: string;
  readonly namespace: string;
  /** Null until the stage `namespace` of this generation has recorded it. */
  readonly namespaceUid: string | null;
  readonly generation: number;
  readonly url: string;
}

export interface StageSettings {
  /** Marks every object as ours (rule 7 of the design). */
  readonly installationId: string;
  readonly profile: Profile;
  readonly ingressClass: string;
  readonly ingressNamespace: string;
  readonly ingressAddress: IngressAddress;
  /** The logins to private registries, as a Docker `config.json`; undefined where images need none. */
  readonly registryConfig: string | undefined;
}
