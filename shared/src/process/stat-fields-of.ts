import { readFileSync } from 'node:fs';

/**
 * What Linux tells of a process in `/proc/PID/stat`, from its state (field 3 of proc(5), here the first) on.
 * @throws Error when it is gone, or the system doesn't tell by a file
 */
export const statFieldsOf = (pid: number): string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in field 2 may hold spaces and brackets; what follows its last bracket holds none.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};
