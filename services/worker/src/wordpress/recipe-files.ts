import { readFileSync } from 'node:fs';

/** Where the recipe is mounted in the container. */
export const recipeFolder = '/store-platform/recipe';

const read = (name: string) => readFileSync(new URL(`../../recipe/${name}`, import.meta.url), 'utf8');

/** The constant scripts: the same bytes for every shop. */
export const recipeFiles = {
  'setup.php': read('setup.php'),
  'database.php': read('database.php'),
  'install.php': read('install.php'),
  'furnish.php': read('furnish.php'),
  'fetch-packages.sh': read('fetch-packages.sh'),
};

/** One exec as the web server's user; no shell, no secret and nothing of the shop among its arguments. */
export const recipeCommand: readonly string[] = [
  'setpriv',
  '--reuid=33',
  '--regid=33',
  '--clear-groups',
  'env',
  'HOME=/tmp',
  'WP_CLI_CACHE_DIR=/tmp/wp-cli',
  'php',
  `${recipeFolder}/setup.php`,
];
