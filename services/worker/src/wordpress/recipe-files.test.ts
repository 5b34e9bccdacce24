import { expect, it } from 'vitest';
import { recipeCommand, recipeFiles, recipeFolder } from './recipe-files.ts';

const files = new Map<string, string>(Object.entries(recipeFiles));
const setup = recipeFiles['setup.php'];
const evaluated = [
  ...new Set([...setup.matchAll(/'eval-file', __DIR__ \. '\/([^']+)'/g)].map(([, name]) => name)),
];

it('the command runs a script that is mounted, as the web server’s user, with nothing of the shop in it', () => {
  expect(recipeCommand.at(-1)).toBe(`${recipeFolder}/setup.php`);
  expect(recipeCommand).toContain('--reuid=33');
});

it('every script that the set-up runs is mounted beside it', () => {
  const named = [...setup.matchAll(/__DIR__ \. '\/([^']+\.php)'/g)].map(([, name]) => name ?? '');
  expect(new Set(named)).toEqual(new Set(['database.php', 'install.php', 'furnish.php']));
  for (const name of named) expect(files.has(name)).toBe(true);
});

it('what WP-CLI evaluates inside a function declares nothing first, and does not ask where it lies', () => {
  expect(evaluated).toEqual(['furnish.php']);
  for (const name of evaluated) {
    expect(files.get(name ?? '')).not.toMatch(/^\s*declare\s*\(/m);
    expect(files.get(name ?? '')).not.toMatch(/\b__(DIR|FILE)__\b/);
  }
});

it.each([...files.keys()].filter((name) => name.endsWith('.php')))(
  '%s shows no arguments of its calls in the trace of a fault',
  (name) => {
    expect(files.get(name)).toContain("ini_set('zend.exception_ignore_args', '1');");
  },
);
