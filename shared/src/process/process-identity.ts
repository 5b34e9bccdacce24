import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { statFieldsOf } from './stat-fields-of.ts';

/**
 * Names a running process so that a later one with the same number is told apart.
 * @returns undefined when no such process runs (or only its zombie is left).
 */
export const processIdentity = (pid: number): string | undefined => {
  if (!isAlive(pid)) return undefined;
  return process.platform === 'linux' ? linuxIdentity(pid) : portableIdentity(pid);
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** The boot and the tick of it in which the process started: /proc/PID/stat, fields 3 and 22. */
const linuxIdentity = (pid: number): string | undefined => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const fields = statFieldsOf(pid);
    return fields[0] === 'Z' ? undefined : `${boot}/${fields[19]}`;
  } catch {
    // It ended between the two looks.
    return undefined;
  }
};

const portableIdentity = (pid: number): string | undefined => {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    // Windows has no ps: there its number must do.
    return process.platform === 'win32' ? 'running' : undefined;
  }
};
