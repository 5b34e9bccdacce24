/**
 * A process of its own that runs one PHP program as a command line would, and the PHP programs that it starts in turn.
 * What it is to run is its one argument; what is secret comes in its environment. It says what PHP says on stdout and
 * stderr, and ends with PHP's exit code.
 */
import type { PHP, StreamedPHPResponse } from '@php-wasm/universal';
import { createSpawnHandler } from '@php-wasm/util';
import { loadPhp } from '../load-php.ts';
import { PhpProgramPlan } from '../php-plans.ts';

// An orphan has nobody to report to.
process.on('disconnect', () => process.exit(1));

const { mounts, words, processId } = PhpProgramPlan.parse(JSON.parse(process.argv[2] ?? ''));
const env = Object.fromEntries(
  Object.entries(process.env).map(([name, value]): [string, string] => [name, value ?? '']),
);

const pass = (from: ReadableStream<Uint8Array>, to: (chunk: Uint8Array) => void): Promise<void> =>
  from.pipeTo(new WritableStream({ write: to }));

/** @returns the exit code, once everything that was said is passed on. */
const passAll = async (
  response: StreamedPHPResponse,
  out: (chunk: Uint8Array) => void,
  err: (chunk: Uint8Array) => void,
): Promise<number> => {
  const [exitCode] = await Promise.all([
    response.exitCode,
    pass(response.stdout, out),
    pass(response.stderr, err),
  ]);
  return exitCode;
};

/** What the program starts: one after the other in one PHP, which keeps WordPress compiled between them. */
let inner: Promise<PHP> | undefined;
const innerPhp = (): Promise<PHP> =>
  (inner ??= loadPhp({ processId: processId + 1, env, mounts, sapi: 'fpm-fcgi' }));

/** A file that is required at the top level sees these, as a command line's would. */
const asCommandLine = (words: readonly string[]): string => `<?php
foreach (['STDIN' => 'r', 'STDOUT' => 'w', 'STDERR' => 'w'] as $name => $mode) {
    define($name, fopen('php://' . strtolower($name), $mode));
}
$argv = json_decode('${JSON.stringify(words).replaceAll(/['\\]/g, String.raw`\$&`)}');
$argc = count($argv);
$_SERVER = getenv() + ['argv' => $argv, 'argc' => $argc, 'SCRIPT_FILENAME' => $argv[0], 'REQUEST_TIME' => time()];
unset($name, $mode);
require $argv[0];`;

const outer = await loadPhp({ processId, env, mounts, sapi: 'cli' });
await outer.setSpawnHandler(
  createSpawnHandler(async ([program, ...rest], io) => {
    io.notifySpawn();
    if (program !== 'php') {
      io.stderr(`${program}: not found\n`);
      return io.exit(127);
    }
    const response = await (await innerPhp()).runStream({ code: asCommandLine(rest) });
    return io.exit(
      await passAll(
        response,
        (chunk) => io.stdout(chunk),
        (chunk) => io.stderr(chunk),
      ),
    );
  }),
);
const ended = await outer.cli(['php', ...words]);
const exitCode = await passAll(
  ended,
  (chunk) => process.stdout.write(chunk),
  (chunk) => process.stderr.write(chunk),
);
process.stdout.write('', () => process.exit(exitCode));
