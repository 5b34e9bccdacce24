import type { StageContext } from '../runner/stage.ts';

/**
 * Waits on the shared watch until `look` answers, or for that long.
 * @param timeMs Infinity waits without end
 * @returns undefined when the time was over first
 * @throws what `look` throws, or that the stage was aborted
 */
export const waitUntil = async <T>(
  { cluster, store, signal }: Pick<StageContext, 'cluster' | 'store' | 'signal'>,
  timeMs: number,
  look: () => T | undefined,
): Promise<T | undefined> => {
  const turn = new AbortController();
  // Not AbortSignal.timeout: within AbortSignal.any nothing holds it, and once collected it never fires (Node 20).
  const timer = Number.isFinite(timeMs) ? setTimeout(() => turn.abort(), Math.max(0, timeMs)) : undefined;
  try {
    return await cluster.watch.until(store.namespace, look, AbortSignal.any([signal, turn.signal]));
  } catch (error) {
    if (signal.aborted || !turn.signal.aborted) throw error;
    return undefined;
  } finally {
    clearTimeout(timer);
  }
};
