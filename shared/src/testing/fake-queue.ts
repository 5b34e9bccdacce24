import { PlatformError } from '../contract/problem.ts';
import { stageJobId, type StageJob } from '../contract/job.ts';
import type { JobState } from '../queue/stage-queue.ts';

/** A queue that only remembers what it was given, and can be away or forgetful. */
export const createFakeQueue = () => {
  const states = new Map<string, JobState>();
  const added: StageJob[] = [];
  let away = false;
  const answer = () => {
    if (away) throw new PlatformError('queue_away', 'The queue does not answer.');
  };
  return {
    added,
    setAway: (value: boolean) => {
      away = value;
    },
    setState: (job: StageJob, state: JobState) => void states.set(stageJobId(job), state),
    forget: () => states.clear(),
    add: async (job: StageJob): Promise<void> => {
      answer();
      if (states.has(stageJobId(job))) return;
      states.set(stageJobId(job), 'waiting');
      added.push(job);
    },
    state: async (id: string): Promise<JobState> => {
      answer();
      return states.get(id) ?? 'missing';
    },
  };
};
