import type { PHP, StreamedPHPResponse } from '@php-wasm/universal';
import { createSpawnHandler } from '@php-wasm/util';

export interface ProgramOutput {
  stdout(bytes: Uint8Array<ArrayBuffer>): void;
  stderr(bytes: Uint8Array<ArrayBuffer>): void;
}

/**
 * Runs one PHP program as a command line would, and the PHP programs that it starts in turn.
 * @param outer runs the program, and can't be used again
 * @param inner runs what it starts: one after the other in one PHP, which keeps WordPress compiled between them
 * @param words the script and its arguments
 * @returns the exit code, once everything that was said is passed on
 */
export const runProgram = async (
  outer: PHP,
  inner: () => Promise<PHP>,
  words: readonly string[],
  output: ProgramOutput,
): Promise<number> => {
  await outer.setSpawnHandler(
    createSpawnHandler(async ([program, ...rest], io) => {
      io.notifySpawn();
      if (program !== 'php') {
        io.stderr(`${program}: not found\n`);
        return io.exit(127);
      }
      const response = await (await inner()).runStream({ code: asCommandLine(rest) });
      return io.exit(
        await passAll(response, { stdout: (bytes) => io.stdout(bytes), stderr: (bytes) => io.stderr(bytes) }),
      );
    }),
  );
  return passAll(await outer.cli(['php', ...words]), output);
};

const passAll = async (response: StreamedPHPResponse, { stdout, stderr }: ProgramOutput): Promise<number> => {
  const [exitCode] = await Promise.all([
    response.exitCode,
    pass(response.stdout, stdout),
    pass(response.stderr, stderr),
  ]);
  return exitCode;
};

const pass = (
  from: ReadableStream<Uint8Array<ArrayBuffer>>,
  to: (bytes: Uint8Array<ArrayBuffer>) => void,
): Promise<void> =>
  // What came over a spawned program's pipe is signed.
  from.pipeTo(new WritableStream({ write: (bytes) => to(new Uint8Array(bytes)) }));

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
