import { readdirSync } from 'node:fs';
import { memoryOf } from '@store-platform/shared/testing/read-processes';

/** What one process takes of the machine, as Linux tells it. */
export interface Size {
  /** Resident, in MiB. */
  readonly mib: number;
  /** Open files, sockets and the like. */
  readonly handles: number;
}

/** @throws Error when the process is gone, or this is no Linux */
export const sizeOfProcess = (pid: number): Size => ({
  mib: Math.round(memoryOf(pid, 'Rss')),
  handles: readdirSync(`/proc/${pid}/fd`).length,
});
