/**
 * A process of its own that answers a shop's requests and runs its programs, one at a time: PHP blocks the thread that it
 * runs in, and an endless loop in it can only be ended with its process.
 */
import type { PHP } from '@php-wasm/universal';
import { loadPhp, mountAll, wholeEnvironment } from '../load-php.ts';
import { PhpWorkerPlan, type PhpProgram } from '../php-plans.ts';
import { runProgram } from '../run-program.ts';
import { ToWorker, type FromWorker, type PhpAnswer, type PhpRequest } from '../worker-messages.ts';
import { wordsOf } from '@store-platform/shared/text/words-of';

// The platform is gone: nobody is left to answer to.
process.on('disconnect', () => process.exit(1));

const { mounts, processId } = PhpWorkerPlan.parse(JSON.parse(process.argv[2] ?? ''));
const env = wholeEnvironment(process.env);
const say = (message: FromWorker): void => void process.send?.(message);

/** Calls of WordPress to its own address that wait for their answer. */
const calls = new Map<number, (text: string) => void>();
let lastCall = 0;
let runsProgram = false;

const serve = async (php: PHP, request: PhpRequest): Promise<void> => {
  const { answer, words } = await answerOf(php, request);
  say({ kind: 'answer', answer, words, memoryBytes: process.memoryUsage.rss() });
};

const answerOf = async (php: PHP, request: PhpRequest): Promise<{ answer: PhpAnswer; words: string }> => {
  const { script, method, url, headers, body, server } = request;
  const response = await php.runStream({
    scriptPath: script,
    relativeUri: url,
    method,
    headers,
    ...(body.byteLength > 0 && { body }),
    $_SERVER: server,
  });
  const [head, bytes, words, exitCode, code] = await Promise.all([
    response.headers,
    response.stdoutBytes,
    response.stderrText,
    response.exitCode,
    response.httpStatusCode,
  ]);
  // As a web server does it: a script that broke before it said a word of its own is a fault.
  const status = exitCode !== 0 && code < 400 ? 500 : code;
  return { answer: { status, headers: head, body: bytes }, words };
};

/** What the program starts runs where requests are answered, with all that is compiled there. */
const run = async (php: PHP, program: PhpProgram): Promise<void> => {
  runsProgram = true;
  const outer = await loadPhp({
    processId: processId + 1,
    env,
    mounts: { ...mounts, ...program.mounts },
    sapi: 'cli',
  });
  const unmount = await mountAll(php, program.mounts);
  const exitCode = await runProgram(outer, async () => php, program.words, {
    stdout: (bytes) => say({ kind: 'said', stream: 'stdout', bytes }),
    stderr: (bytes) => say({ kind: 'said', stream: 'stderr', bytes }),
  });
  outer.exit();
  await unmount();
  runsProgram = false;
  say({ kind: 'ended', exitCode, memoryBytes: process.memoryUsage.rss() });
};

const php = await loadPhp({ processId, env, mounts, sapi: 'fpm-fcgi' });
php.onMessage((text) => {
  // As on a real cluster: a program doesn't visit the shop that it works on.
  if (runsProgram) return Promise.resolve('{"error":"The shop is being set up."}');
  lastCall += 1;
  const id = lastCall;
  say({ kind: 'call', id, text });
  return new Promise<string>((resolve) => calls.set(id, resolve));
});
process.on('message', (message) => {
  const told = ToWorker.parse(message);
  if (told.kind === 'called') {
    calls.get(told.id)?.(told.text);
    calls.delete(told.id);
    return;
  }
  const work = told.kind === 'serve' ? serve(php, told.request) : run(php, told.program);
  work.catch((error: unknown) => {
    say({ kind: 'broken', words: wordsOf(error) });
  });
});
say({ kind: 'ready' });
