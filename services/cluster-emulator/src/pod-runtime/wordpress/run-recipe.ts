import { once } from 'node:events';
import type { CommandIo, PlacedContainer } from '../pod-runtime.ts';
import type { PhpProcesses } from './php-processes.ts';
import { ownPhp } from './shop-files.ts';

/** Where the platform mounts them. */
export const recipeFolder = '/store-platform/recipe';
const tool = '/store-platform/tools/wp';
const killedCode = 137;

/**
 * Runs the very scripts that a real cluster runs. What differs where shops run on Node alone is this: `database.php`,
 * because the database is SQLite; `wp`, because plugin and theme are in place already; and `store-platform.php` in the
 * shop itself, because SQLite has no named locks. What it starts is killed with it.
 * @param onStart told the process' number
 * @returns PHP's exit code
 */
export const runRecipe = async (
  { env, mounts }: Pick<PlacedContainer, 'env' | 'mounts'>,
  processes: PhpProcesses,
  { stdout, stderr, signal }: CommandIo,
  onStart: (pid: number) => void = () => {},
): Promise<number> => {
  if (signal.aborted) return killedCode;
  const ours = { [`${recipeFolder}/database.php`]: ownPhp.database, [tool]: ownPhp.wp };
  const child = processes.program({ env, mounts: { ...mounts, ...ours } }, [`${recipeFolder}/setup.php`]);
  if (child.pid !== undefined) onStart(child.pid);
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
