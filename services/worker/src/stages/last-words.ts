import type { Diagnosis } from '@store-platform/shared/kube/diagnosis';
import { cleanText } from '@store-platform/shared/text/clean-text';
import type { StageContext } from '../runner/stage.ts';

const logLines = 10;

/** A crash is explained by the container's own last words; for one that prepares the pod, its very last line is the reason. */
export const inItsOwnWords = async (
  context: Pick<StageContext, 'cluster' | 'store'>,
  { code, message, hint, log }: Diagnosis,
): Promise<{ message: string; hint: string; lines: readonly string[] }> => {
  const isCrash = code === 'crash_loop' || code === 'preparation_failed';
  const lines = isCrash && log ? await lastLines(context, log) : [];
  const last = lines.at(-1);
  return code === 'preparation_failed' && last
    ? { message: cleanText(last), hint, lines: lines.length > 1 ? lines : [] }
    : { message, hint, lines };
};

/** Of the run that there is, or of the one before: a container that was started again has not said anything yet. */
const lastLines = async (
  { cluster, store }: Pick<StageContext, 'cluster' | 'store'>,
  { pod, container }: NonNullable<Diagnosis['log']>,
): Promise<string[]> => {
  const ref = { namespace: store.namespace, name: pod, container };
  // Without its last words the crash is still the reason.
  const read = (previous: boolean) => cluster.logs({ ...ref, previous }, logLines).catch(() => []);
  const lines = await read(false);
  return lines.length > 0 ? lines : read(true);
};
