import { setTimeout as wait } from 'node:timers/promises';
import { runs, type RecordedProcess } from './data-folder.ts';
import { killGroup } from './kill-group.ts';

/**
 * Services whose launcher was killed leave by themselves when their channel to it closes. They are waited for, and
 * ended when they take too long.
 */
export const endLeftovers = async (
  leftovers: readonly RecordedProcess[],
  { patienceMs, say }: { patienceMs: number; say(sentence: string): void },
): Promise<void> => {
  if (leftovers.length === 0) return;
  say(`Waiting for what an earlier start left running: ${leftovers.map(({ name }) => name).join(', ')}`);
  const end = performance.now() + patienceMs;
  while (leftovers.some(runs) && performance.now() < end) await wait(50);
  for (const stubborn of leftovers.filter(runs)) {
    say(`${stubborn.name} (process ${stubborn.pid}) did not leave by itself and is ended`);
    killGroup(stubborn.pid);
  }
  while (leftovers.some(runs)) await wait(20);
};
