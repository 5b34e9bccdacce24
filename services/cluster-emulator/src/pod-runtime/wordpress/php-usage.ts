import { statFieldsOf } from '@store-platform/shared/process/stat-fields-of';

/** What a process has used so far. */
export interface ProcessUsage {
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/** Linux' own unit in /proc, the same on all of its architectures. */
const ticksPerSecond = 100;
const pageBytes = 4096;

/** @returns undefined where the system doesn't tell by a file */
export const usageOf = (pid: number): ProcessUsage | undefined => {
  try {
    const fields = statFieldsOf(pid);
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuMs: (ticks / ticksPerSecond) * 1000, memoryBytes: Number(fields[21]) * pageBytes };
  } catch {
    return undefined;
  }
};
