import {
  provisioningStages,
  stagePlan,
  type StageName,
  type StageRun,
} from '@store-platform/shared/contract/stage';

export type StepState = 'done' | 'running' | 'queued' | 'waiting' | 'stopping' | 'stopped' | 'failed';

/** One stage as a person sees it. */
export interface StageStep {
  readonly stage: StageName;
  readonly title: string;
  readonly state: StepState;
  /** What it has taken so far, or took in the end; null before it started. */
  readonly seconds: number | null;
  /** Only while `seconds` counts against a limit. */
  readonly limitMinutes: number | null;
  /** Only from the second on. */
  readonly attempt: number | null;
  /** Only while it is put off to a later moment. */
  readonly nextTryInSeconds: number | null;
  readonly error: string | null;
}

export interface StageLine {
  /** In the order in which they pass; those of one group run side by side. */
  readonly groups: readonly (readonly StageStep[])[];
  readonly percent: number;
  /** What happens now, in a few words. */
  readonly now: string;
}

const stepStates = {
  waiting: 'waiting',
  due: 'queued',
  running: 'running',
  cancelling: 'stopping',
  done: 'done',
  failed: 'failed',
  cancelled: 'stopped',
} as const satisfies Record<StageRun['status'], StepState>;

/** @param nowMs milliseconds since 1970, by the clock of whoever looks. */
export const stageStep = (stage: StageName, run: StageRun | undefined, nowMs: number): StageStep => {
  const { title, timeoutMs } = stagePlan[stage];
  if (!run) {
    return {
      stage,
      title,
      state: 'waiting',
      seconds: null,
      limitMinutes: null,
      attempt: null,
      nextTryInSeconds: null,
      error: null,
    };
  }
  const state = stepStates[run.status];
  const watched = state === 'running' ? watchedSeconds(run, nowMs) : null;
  return {
    stage,
    title,
    state,
    seconds: state === 'queued' || state === 'waiting' ? null : (watched ?? secondsOf(run, nowMs)),
    limitMinutes: watched !== null && Number.isFinite(timeoutMs) ? timeoutMs / 60_000 : null,
    attempt: run.attempt > 1 ? run.attempt : null,
    nextTryInSeconds: state === 'queued' ? secondsUntil(run.due_at, nowMs) : null,
    error: state === 'done' ? null : run.error,
  };
};

/** What counts against its time: nights in which nobody watched don't. Null while nobody does. */
const watchedSeconds = ({ watched_ms, watching_since }: StageRun, nowMs: number): number | null =>
  watching_since === null ? null : (watched_ms + Math.max(0, nowMs - Date.parse(watching_since))) / 1000;

const secondsOf = ({ started_at, finished_at }: StageRun, nowMs: number): number | null => {
  if (!started_at) return null;
  const endMs = finished_at ? Date.parse(finished_at) : nowMs;
  return Math.max(0, (endMs - Date.parse(started_at)) / 1000);
};

const secondsUntil = (time: string | null, nowMs: number): number | null => {
  const seconds = time ? Math.ceil((Date.parse(time) - nowMs) / 1000) : 0;
  return seconds > 0 ? seconds : null;
};

/** Stages that wait for the same ones may run side by side. */
const groupNames = (): StageName[][] => {
  const groups = new Map<string, StageName[]>();
  for (const stage of provisioningStages) {
    const after = stagePlan[stage].after.join();
    groups.set(after, [...(groups.get(after) ?? []), stage]);
  }
  return [...groups.values()];
};

const weights: Readonly<Record<StepState, number>> = {
  done: 1,
  running: 0.5,
  stopping: 0.5,
  queued: 0,
  waiting: 0,
  stopped: 0,
  failed: 0,
};

const nowOf = (steps: readonly StageStep[]): string => {
  const titlesOf = (state: StepState) =>
    steps.filter((step) => step.state === state).map(({ title }) => title);
  const running = titlesOf('running');
  if (running.length > 0) return running.join(' and ');
  const queued = titlesOf('queued');
  if (queued.length > 0) return `${queued.join(' and ')} next`;
  if (steps.every(({ state }) => state === 'done')) return 'All stages are done';
  // Only a retry begins with every stage waiting: for the clean-up of the try before.
  if (steps.every(({ state }) => state === 'waiting')) return 'Waiting for the clean-up of the last try';
  return 'Between two stages';
};

/** The timeline of a store: a pure function of its rows and the time. */
export const stageLine = (runs: readonly StageRun[], nowMs: number): StageLine => {
  const groups = groupNames().map((names) =>
    names.map((name) =>
      stageStep(
        name,
        runs.find(({ stage }) => stage === name),
        nowMs,
      ),
    ),
  );
  const steps = groups.flat();
  const passed = steps.reduce((sum, { state }) => sum + weights[state], 0);
  return { groups, percent: Math.round((100 * passed) / steps.length), now: nowOf(steps) };
};
