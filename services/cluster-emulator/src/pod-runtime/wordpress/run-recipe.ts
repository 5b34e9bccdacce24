import type { PlacedContainer } from '../pod-runtime.ts';
import { docroot } from './answer-visit.ts';
import type { PhpProgram } from './php-plans.ts';
import { PhpGoneError } from './php-worker-handle.ts';
import { ownPhp } from './shop-files.ts';

/** Where the platform mounts them. */
export const recipeFolder = '/store-platform/recipe';
const tool = '/store-platform/tools/wp';
const killedCode = 137;

/**
 * Runs the very scripts that a real cluster runs. What differs where shops run on Node alone is this: `database.php`,
 * because the database is SQLite; `wp`, because plugin and theme are in place already; and `store-platform.php` in the
 * shop itself, because SQLite has no named locks. What it starts is killed with it.
 * @param run runs a program where the shop's docroot is mounted
 * @returns PHP's exit code
 */
export const runRecipe = async (
  { mounts }: Pick<PlacedContainer, 'mounts'>,
  run: (program: PhpProgram) => Promise<number>,
  signal: AbortSignal,
): Promise<number> => {
  if (signal.aborted) return killedCode;
  const { [docroot]: _docroot, ...others } = mounts;
  const ours = { [`${recipeFolder}/database.php`]: ownPhp.database, [tool]: ownPhp.wp };
  const program = { mounts: { ...others, ...ours }, words: [`${recipeFolder}/setup.php`] };
  try {
    return await run(program);
  } catch (error) {
    if (error instanceof PhpGoneError) return killedCode;
    throw error;
  }
};
