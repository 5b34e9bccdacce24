/**
 * A process of its own that answers a shop's requests, one at a time: PHP blocks the thread that it runs in, and an
 * endless loop in it can only be ended with its process.
 */
import type { PHP } from '@php-wasm/universal';
import { loadPhp } from '../load-php.ts';
import { PhpWorkerPlan } from '../php-plans.ts';
import { ToWorker, type FromWorker, type PhpAnswer, type PhpRequest } from '../worker-messages.ts';
import { wordsOf } from '@store-platform/shared/text/words-of';

// The platform is gone: nobody is left to answer to.
process.on('disconnect', () => process.exit(1));

const { mounts, processId } = PhpWorkerPlan.parse(JSON.parse(process.argv[2] ?? ''));
const env = Object.fromEntries(
  Object.entries(process.env).map(([name, value]): [string, string] => [name, value ?? '']),
);
const say = (message: FromWorker): void => void process.send?.(message);

/** Calls of WordPress to its own address that wait for their answer. */
const calls = new Map<number, (text: string) => void>();
let lastCall = 0;

const serve = async (php: PHP, request: PhpRequest): Promise<void> => {
  const { answer, words } = await run(php, request);
  say({ kind: 'answer', answer, words, memoryBytes: process.memoryUsage.rss() });
};

const run = async (php: PHP, request: PhpRequest): Promise<{ answer: PhpAnswer; words: string }> => {
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

const php = await loadPhp({ processId, env, mounts, sapi: 'fpm-fcgi' });
php.onMessage((text) => {
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
  serve(php, told.request).catch((error: unknown) => {
    say({ kind: 'broken', words: wordsOf(error) });
  });
});
say({ kind: 'ready' });
