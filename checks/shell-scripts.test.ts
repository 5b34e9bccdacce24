import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeWithProgram } from '../shared/src/testing/describe-with-program.ts';

const root = resolve(import.meta.dirname, '..');

/** They have no first line that names their shell: the container's command does. */
const recipes = readdirSync(join(root, 'services/worker/recipe'))
  .filter((name) => name.endsWith('.sh'))
  .map((name) => join('services/worker/recipe', name));
const stubs = readdirSync(join(root, 'tests/stub-programs')).map((name) => join('tests/stub-programs', name));

/** @returns what it found, nothing if nothing. */
const shellcheck = (...args: string[]): Promise<string> =>
  promisify(execFile)('shellcheck', ['--format=gcc', ...args], { cwd: root }).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; message: string }) => error.stdout || error.message,
  );

describeWithProgram('shellcheck', 'shell scripts are without a fault', () => {
  it('setup.sh, .ci/run and the stub programs of its tests', async () => {
    expect(stubs.length).toBeGreaterThan(4);
    expect(await shellcheck('setup.sh', '.ci/run', ...stubs)).toBe('');
  });

  it('what runs in the shops', async () => {
    expect(recipes.length).toBeGreaterThan(0);
    expect(await shellcheck('--shell=sh', ...recipes)).toBe('');
  });
});
