import { readdir, readFile } from 'node:fs/promises';

/** What one process takes of the machine, as Linux tells it. */
export interface Size {
  /** Resident, in MiB. */
  readonly mib: number;
  /** Open files, sockets and the like. */
  readonly handles: number;
}

/** @throws Error when the process is gone, or this is no Linux */
export const sizeOfProcess = async (pid: number): Promise<Size> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kib = '0'] = /VmRSS:\s+(\d+) kB/.exec(status) ?? [];
  return { mib: Math.round(Number(kib) / 1024), handles: (await readdir(`/proc/${pid}/fd`)).length };
};
