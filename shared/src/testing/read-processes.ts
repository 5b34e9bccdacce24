import { readdirSync, readFileSync } from 'node:fs';
import { statFieldsOf } from '../process/stat-fields-of.ts';

/** What `/proc` says of a process after its name; nothing of one that has ended. */
const fieldsOf = (pid: number): number[] => {
  try {
    return statFieldsOf(pid).map(Number);
  } catch {
    return [];
  }
};

/** CPU seconds so far of a process, and of its children that have ended; Linux counts hundredths. */
export const cpuSecondsOf = (pid: number): number =>
  fieldsOf(pid)
    .slice(11, 15)
    .reduce((sum, hundredths) => sum + hundredths, 0) / 100;

export const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => fieldsOf(pid)[1] === parent);

/**
 * Memory that a process holds, in MB; 0 of one that has ended.
 * @param kind `Pss` counts what processes share in parts, so that those of one program can be added up
 */
export const memoryOf = (pid: number, kind: 'Rss' | 'Pss'): number => {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(new RegExp(`^${kind}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
};
