import { once } from 'node:events';
import { dirname } from 'node:path';
import type { CommandIo, PlacedContainer } from '../pod-runtime.ts';
import type { PhpProcesses } from './php-processes.ts';
import { ownPhp } from './shop-files.ts';

const killedCode = 137;

/**
 * Runs the very scripts that a real cluster runs, with one of them replaced: `database.php`, because the database is
 * another one. What it starts is killed with it.
 * @param words the script and its arguments
 * @returns PHP's exit code
 */
export const runRecipe = async (
  { env, mounts }: PlacedContainer,
  words: readonly string[],
  processes: PhpProcesses,
  { stdout, stderr, signal }: CommandIo,
): Promise<number> => {
  if (signal.aborted) return killedCode;
  const recipe = dirname(words[0] ?? '');
  const child = processes.program({ env, mounts: { ...mounts, [`${recipe}/database.php`]: ownPhp.database } }, words);
  child.stdout?.pipe(stdout, { end: false });
  child.stderr?.pipe(stderr, { end: false });
  const kill = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    await once(child, 'close');
    return child.exitCode ?? killedCode;
  } finally {
    signal.removeEventListener('abort', kill);
  }
};
