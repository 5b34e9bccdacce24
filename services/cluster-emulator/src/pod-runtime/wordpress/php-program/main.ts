/**
 * A process of its own that runs one PHP program. What it is to run is its one argument; what is secret comes in its
 * environment. It says what PHP says on stdout and stderr, and ends with PHP's exit code.
 */
import type { PHP } from '@php-wasm/universal';
import { loadPhp, wholeEnvironment } from '../load-php.ts';
import { PhpProgramPlan } from '../php-plans.ts';
import { runProgram } from '../run-program.ts';

// An orphan has nobody to report to.
process.on('disconnect', () => process.exit(1));

const { mounts, words, processId } = PhpProgramPlan.parse(JSON.parse(process.argv[2] ?? ''));
const env = wholeEnvironment(process.env);

let inner: Promise<PHP> | undefined;
const exitCode = await runProgram(
  await loadPhp({ processId, env, mounts, sapi: 'cli' }),
  () => (inner ??= loadPhp({ processId: processId + 1, env, mounts, sapi: 'fpm-fcgi' })),
  words,
  {
    stdout: (bytes) => process.stdout.write(bytes),
    stderr: (bytes) => process.stderr.write(bytes),
  },
);
process.stdout.write('', () => process.exit(exitCode));
