import {
  provisioningStages,
  type RunStatus,
  type StageName,
  type StageRun,
} from '@store-platform/shared/contract/stage';
import type { Store } from '@store-platform/shared/contract/store';

/** The moment at which the samples are looked at. */
export const sampleNow = Date.parse('2026-11-24T12:00:00.000Z');

/** @returns the time so many seconds before the samples' now; negative for later. */
export const secondsAgo = (seconds: number): string => new Date(sampleNow - seconds * 1000).toISOString();

export const sampleRun = (
  stage: StageName,
  status: RunStatus,
  changes: Partial<StageRun> = {},
): StageRun => ({
  stage,
  status,
  attempt: 1,
  due_at: null,
  started_at: null,
  finished_at: null,
  watched_ms: 0,
  watching_since: status === 'running' ? (changes.started_at ?? null) : null,
  error: null,
  ...changes,
});

/** All seven stages: those named have that status, the others wait. */
export const sampleRuns = (statuses: Partial<Record<StageName, RunStatus | StageRun>>): StageRun[] =>
  provisioningStages.map((stage) => {
    const given = statuses[stage] ?? 'waiting';
    return typeof given === 'string' ? sampleRun(stage, given) : given;
  });

const allDone = (): StageRun[] => provisioningStages.map((stage) => sampleRun(stage, 'done'));

let made = 0;

/** A store ready since a while. */
export const sampleStore = (changes: Partial<Store> = {}): Store => {
  made += 1;
  const id = changes.store_id ?? `store-${made.toString(36).padStart(8, '0')}`;
  const url = `http://${id}.127.0.0.1.nip.io`;
  return {
    store_id: id,
    name: 'My Shop',
    type: 'woocommerce',
    status: 'ready',
    url,
    admin_url: `${url}/wp-admin/`,
    namespace: id,
    error: null,
    error_code: null,
    error_hint: null,
    profile: 'spec',
    generation: 1,
    created_at: secondsAgo(60),
    updated_at: secondsAgo(10),
    started_at: secondsAgo(60),
    ready_at: secondsAgo(48),
    cleaned_up_at: null,
    unavailable_since: null,
    asleep_since: null,
    stores_ahead: null,
    stages: allDone(),
    ...changes,
  };
};

export const provisioningStore = (changes: Partial<Store> = {}): Store =>
  sampleStore({
    status: 'provisioning',
    ready_at: null,
    started_at: secondsAgo(9),
    stages: sampleRuns({
      namespace: sampleRun('namespace', 'done', { started_at: secondsAgo(9), finished_at: secondsAgo(8) }),
      volumes: sampleRun('volumes', 'done', { started_at: secondsAgo(8), finished_at: secondsAgo(6) }),
      mysql: sampleRun('mysql', 'running', { started_at: secondsAgo(6) }),
      wordpress: sampleRun('wordpress', 'running', { started_at: secondsAgo(5) }),
    }),
    ...changes,
  });

export const failedStore = (changes: Partial<Store> = {}): Store =>
  sampleStore({
    status: 'failed',
    ready_at: null,
    error: 'WordPress: an image cannot be pulled.',
    error_hint: 'Check the registry.',
    stages: [
      ...sampleRuns({ namespace: 'done', volumes: 'done', mysql: 'cancelled', wordpress: 'failed' }),
      sampleRun('teardown', 'running', { started_at: secondsAgo(4) }),
    ],
    ...changes,
  });
