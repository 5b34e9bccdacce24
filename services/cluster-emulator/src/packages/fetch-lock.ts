import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface FetchLockOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** A holder that gave no sign of life for so long is gone, in milliseconds. */
  readonly staleMs: number;
  /** While another one holds it, again and again. */
  onWait(): Promise<void>;
}

const lookAgainMs = 200;

/**
 * Runs `work` while nobody else does so for the same folder, in this process or another. Two that take over from a dead
 * holder in the same moment may both run: what they do must bear that.
 */
export const withFetchLock = async <T>(options: FetchLockOptions, work: () => Promise<T>): Promise<T> => {
  const { folder, signal, staleMs, onWait } = options;
  const file = join(folder, 'fetching.lock');
  let seen = { sign: 0, atMs: performance.now() };
  while (!(await take(file))) {
    signal.throwIfAborted();
    const sign = await signOfLife(file);
    if (sign !== seen.sign) seen = { sign, atMs: performance.now() };
    // Seen to stand still, by this process' own clock: a file's time alone may be of another one.
    if (performance.now() - seen.atMs > staleMs || !(await isHeldByLiving(file)))
      await rm(file, { force: true });
    else {
      await onWait();
      await pause(lookAgainMs, undefined, { signal });
    }
  }
  const living = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, staleMs / 5);
  try {
    return await work();
  } finally {
    clearInterval(living);
    await rm(file, { force: true });
  }
};

const take = async (file: string): Promise<boolean> => {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

const signOfLife = async (file: string): Promise<number> => {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return 0;
  }
};

const isHeldByLiving = async (file: string): Promise<boolean> => {
  try {
    const pid = Number(await readFile(file, 'utf8'));
    // One that is being written, or is gone by now, is looked at again.
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
};
