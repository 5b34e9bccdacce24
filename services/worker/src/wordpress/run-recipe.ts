import { z } from 'zod';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { cleanText } from '@store-platform/shared/text/clean-text';
import type { StageContext } from '../runner/stage.ts';
import { recipeCommand } from './recipe-files.ts';

const StepLine = z.object({ step: z.string(), ok: z.boolean(), message: z.string() });
type Step = z.infer<typeof StepLine>;

const longestMessage = 500;

/** @returns what a line of the recipe says; undefined for anything else that WordPress may print. */
export const parseStep = (line: string): Step | undefined => {
  try {
    const step = StepLine.parse(JSON.parse(line));
    return { ...step, message: cleanText(step.message, longestMessage) };
  } catch {
    return undefined;
  }
};

/**
 * Runs the recipe in the shop's container; each step becomes an event.
 * @throws PlatformError `exec_failed` with WordPress' own words; `cluster_away` when nobody knows how it ended.
 */
export const runRecipe = async (
  { store, cluster, signal, note }: StageContext,
  pod: string,
): Promise<void> => {
  const steps: Step[] = [];
  const story = tellInOrder(note);
  const onLine = (line: string) => {
    const step = parseStep(line);
    if (!step) return;
    steps.push(step);
    if (step.ok) story.tell(step.message);
  };
  const request = { namespace: store.namespace, pod, container: 'wordpress', command: recipeCommand, signal };
  const { exitCode, stderr } = await toldBefore(story, cluster.exec({ ...request, onLine }));
  const failed = steps.find((step) => !step.ok);
  if (failed) throw new PlatformError('exec_failed', `Step "${failed.step}": ${failed.message}`);
  if (exitCode !== 0) {
    const words = stderr.trim().split('\n').at(-1)?.slice(0, longestMessage) ?? '';
    throw new PlatformError('exec_failed', `The recipe ended with code ${exitCode}. ${words}`.trim());
  }
  if (steps.length === 0) throw new PlatformError('exec_failed', 'The recipe ended without a word.');
};

/** What was done is told before what went wrong, also when the connection broke. */
const toldBefore = async <T>(story: { told(): Promise<void> }, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } finally {
    await story.told();
  }
};

/** Events in the order of the steps, while the command goes on. The first that can't be written is thrown by `told`. */
const tellInOrder = (note: StageContext['note']) => {
  let last: Promise<void> = Promise.resolve();
  return {
    tell: (message: string): void => {
      last = last.then(() => note(message));
      // Met by whoever awaits `told`; until then it must not end the process.
      last.catch(() => undefined);
    },
    told: (): Promise<void> => last,
  };
};
