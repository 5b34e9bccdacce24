import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { PlacedContainer } from '../pod-runtime.ts';
import { docroot } from './answer-visit.ts';
import type { PhpProcesses } from './php-processes.ts';
import { PhpGoneError } from './php-worker-handle.ts';
import { recipeFolder, runRecipe } from './run-recipe.ts';
import { copyShop, removeLastFile, writeOwnFiles } from './shop-files.ts';

/**
 * Finished shops that belong to nobody: the next store of the same kind begins as a copy of one. A copy is ready beforehand,
 * because a shop's hundred megabytes take a second, and several on a machine whose memory is full.
 */
export interface ShopTemplates {
  /**
   * Lays a copy into a claim.
   * @param fresh the unpacked files that the shop would be made from
   * @param recipe folder of the store's recipe
   * @returns false while there is none
   */
  lay(fresh: string, recipe: string, claim: string): Promise<boolean>;
  /** Makes what is missing of it, by the recipe that a store has just been made by. Never rejects. */
  make(fresh: string, container: PlacedContainer, signal: AbortSignal): Promise<void>;
}

/** Read by the `wp` of this folder: the copy makes itself a shop of its own. */
const copiedMarker = 'wp-content/.store-copied';
/** Never shown: a copy gets its own name and address before it can be reached. */
const neutral = { name: 'Shop', url: 'http://shop.invalid' };
/** Behind everything that somebody waits for. */
const lowPriority = 15;
/** Until a store whose recipe has ended is ready. */
const behindMs = 10_000;

const Recipe = z.looseObject({ shop: z.looseObject({ name: z.string(), url: z.string() }) });

export const createShopTemplates = (folder: string, processes: PhpProcesses): ShopTemplates => {
  const making = new Set<string>();

  const place = async (fresh: string, recipe: string): Promise<string> => {
    const hash = createHash('sha256').update(basename(fresh));
    for (const name of (await readdir(recipe)).toSorted()) {
      const text = await readFile(join(recipe, name), 'utf8');
      hash.update(name).update(name === 'recipe.json' ? neutralRecipe(text) : text);
    }
    return join(folder, hash.digest('hex').slice(0, 16));
  };

  const build = async (target: string, fresh: string, container: PlacedContainer, signal: AbortSignal) => {
    const building = `${target}.new`;
    const shop = join(building, 'html');
    const recipe = join(building, 'recipe');
    await rm(building, { recursive: true, force: true });
    await mkdir(shop, { recursive: true, mode: 0o700 });
    await copyShop(fresh, shop);
    await writeOwnFiles(shop);
    await cp(container.mounts[recipeFolder] ?? '', recipe, { recursive: true });
    const text = await readFile(join(recipe, 'recipe.json'), 'utf8');
    await writeFile(join(recipe, 'recipe.json'), neutralRecipe(text));
    const env = withoutSecrets(container.env);
    const code = await runRecipe(
      { mounts: { [recipeFolder]: recipe } },
      ({ mounts, words }) =>
        runBehind(processes.program({ env, mounts: { [docroot]: shop, ...mounts } }, words), signal),
      signal,
    );
    if (code !== 0) throw new Error(`The recipe ended with code ${code}.`);
    await removeLastFile(shop);
    await writeFile(join(shop, copiedMarker), '');
    await rename(shop, target);
    await rm(building, { recursive: true });
  };

  return {
    lay: async (fresh, recipe, claim) => {
      const target = await place(fresh, recipe);
      if (!existsSync(target)) return false;
      // In the place of an empty folder; one that an earlier start has begun to fill is written over.
      await rename(spareOf(target), claim).catch(() => copyShop(target, claim));
      return true;
    },
    make: async (fresh, container, signal) => {
      const target = await place(fresh, container.mounts[recipeFolder] ?? '').catch(() => undefined);
      if (target === undefined || making.has(target)) return;
      making.add(target);
      try {
        if (!existsSync(target)) await build(target, fresh, container, signal);
        await pause(behindMs, undefined, { signal });
        if (!existsSync(spareOf(target))) await copySpare(target);
      } catch {
        // Without one, the next store is made as the first was; a later one tries again.
      }
      making.delete(target);
    },
  };
};

const spareOf = (target: string): string => `${target}.spare`;

const copySpare = async (target: string): Promise<void> => {
  const copying = `${spareOf(target)}.new`;
  await rm(copying, { recursive: true, force: true });
  await copyShop(target, copying);
  await rename(copying, spareOf(target));
};

const neutralRecipe = (text: string): string => {
  const recipe = Recipe.parse(JSON.parse(text));
  return JSON.stringify({ ...recipe, shop: { ...recipe.shop, ...neutral } });
};

/** @returns its exit code @throws PhpGoneError when it was killed, also by `signal` */
const runBehind = async (child: ChildProcess, signal: AbortSignal): Promise<number> => {
  if (child.pid !== undefined) setPriority(child.pid, lowPriority);
  child.stdout?.resume();
  child.stderr?.resume();
  const kill = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    await once(child, 'close');
    if (child.exitCode === null) throw new PhpGoneError('it was killed');
    return child.exitCode;
  } finally {
    signal.removeEventListener('abort', kill);
  }
};

/** Passwords, keys and salts of nobody, which nobody is told. */
const withoutSecrets = (env: PlacedContainer['env']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]): [string, string] => [
      name,
      /PASSWORD|KEY|SALT/.test(name) ? randomBytes(24).toString('base64url') : value,
    ]),
  );
