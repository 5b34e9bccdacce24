import type { ChildProcess } from 'node:child_process';
import type { CommandIo } from '../pod-runtime.ts';
import type { PhpProgram } from './php-plans.ts';
import { usageOf } from './php-usage.ts';
import { FromWorker, type PhpAnswer, type PhpRequest, type ToWorker } from './worker-messages.ts';

/** A request got no answer, because the process that worked on it is gone. */
export class PhpGoneError extends Error {
  override readonly name = 'PhpGoneError';
}

export interface PhpWorkerOptions {
  /**
   * How long a request may work, in milliseconds; then the process is killed, because PHP can't be stopped from inside.
   * Where the system tells it this is time on the processor, as PHP's own limit: on a busy machine nothing is killed for
   * waiting. A request that only waits gets four times as long.
   */
  readonly longestRequestMs: number;
  /** Lines for the container's log. */
  say(line: string): void;
  /** WordPress calls its own address. @returns what its must-use plugin is told */
  call(text: string): Promise<string>;
}

/** One process with PHP, as its pool sees it. */
export interface PhpWorker {
  readonly state: 'starting' | 'idle' | 'busy' | 'gone';
  /** Requests that it has answered. */
  readonly answered: number;
  readonly memoryBytes: number;
  /** Settles when it can take a request, or never will. */
  readonly started: Promise<void>;
  readonly gone: Promise<void>;
  /** @throws PhpGoneError */
  serve(request: PhpRequest): Promise<PhpAnswer>;
  /**
   * Runs a program, however long it takes; killed with its process by `signal`.
   * @returns its exit code @throws PhpGoneError
   */
  run(program: PhpProgram, io: CommandIo): Promise<number>;
  kill(): void;
}

/** What the process works on. */
interface Job {
  answered?(answer: PhpAnswer): void;
  said?(stream: 'stdout' | 'stderr', bytes: Uint8Array): void;
  ended?(exitCode: number): void;
  /** It gets no answer. */
  reject(error: Error): void;
  /** It is over, in whatever way. */
  leave(): void;
}

const lookEveryMs = 500;
/** PHP's own limit is 256 MiB; what grows beyond this is out of its hands. */
const mostMemoryBytes = 1500 * 2 ** 20;

/** Speaks with a process of `php-worker/main.ts`. */
export const holdPhpWorker = (child: ChildProcess, options: PhpWorkerOptions): PhpWorker => {
  let state: PhpWorker['state'] = 'starting';
  let answered = 0;
  let memoryBytes = 0;
  let job: Job | undefined;
  let cause = 'it ended';
  let setStarted = () => {};
  let setGone = () => {};
  const started = new Promise<void>((resolve) => (setStarted = resolve));
  const gone = new Promise<void>((resolve) => (setGone = resolve));

  const send = (message: ToWorker): void => void (child.connected && child.send(message));
  const begin = (next: Job): void => {
    state = 'busy';
    job = next;
  };
  const settle = (): Job | undefined => {
    const settled = job;
    settled?.leave();
    job = undefined;
    return settled;
  };
  const done = (told: { memoryBytes: number }): Job | undefined => {
    if (state === 'busy') state = 'idle';
    answered += 1;
    ({ memoryBytes } = told);
    return settle();
  };
  /** Takes no request from now on; `gone` tells when it is. */
  const kill = (why: string): void => {
    cause = why;
    state = 'gone';
    child.kill('SIGKILL');
  };
  const sayLines = (words: string): void => {
    for (const line of words.split('\n')) if (line.trim() !== '') options.say(line);
  };

  child.on('message', (message) => {
    const { data: told } = FromWorker.safeParse(message);
    if (!told) {
      kill('it said what it may not');
    } else if (told.kind === 'ready') {
      if (state === 'starting') state = 'idle';
      setStarted();
    } else if (told.kind === 'answer') {
      sayLines(told.words);
      done(told)?.answered?.(told.answer);
    } else if (told.kind === 'said') {
      job?.said?.(told.stream, told.bytes);
    } else if (told.kind === 'ended') {
      done(told)?.ended?.(told.exitCode);
    } else if (told.kind === 'broken') {
      sayLines(told.words);
      kill('PHP broke');
    } else {
      void options.call(told.text).then((text) => send({ kind: 'called', id: told.id, text }));
    }
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => sayLines(chunk.toString()));
  child.once('error', ({ message }) => (cause = message));
  child.once('close', () => {
    state = 'gone';
    settle()?.reject(new PhpGoneError(cause));
    setStarted();
    setGone();
  });

  return {
    get state() {
      return state;
    },
    get answered() {
      return answered;
    },
    get memoryBytes() {
      return memoryBytes;
    },
    started,
    gone,
    serve: (request) =>
      new Promise((resolve, reject) => {
        const excess = watchRequest(child.pid ?? 0, options.longestRequestMs);
        const look = () => {
          const why = excess();
          if (why === undefined) return;
          options.say(`${request.method} ${request.url} ${why}: its PHP process is killed`);
          kill(why);
        };
        const watchdog = setInterval(look, lookEveryMs);
        begin({ answered: resolve, reject, leave: () => clearInterval(watchdog) });
        send({ kind: 'serve', request });
      }),
    run: (program, { stdout, stderr, signal }) =>
      new Promise((resolve, reject) => {
        const abort = () => kill('it was told to');
        signal.addEventListener('abort', abort, { once: true });
        begin({
          said: (stream, bytes) => void (stream === 'stdout' ? stdout : stderr).write(bytes),
          ended: resolve,
          reject,
          leave: () => signal.removeEventListener('abort', abort),
        });
        send({ kind: 'run', program });
        if (signal.aborted) abort();
      }),
    kill: () => kill('it was told to'),
  };
};

/** @returns what says, whenever it is asked, why the request has to end; undefined while it may go on */
const watchRequest = (pid: number, longestMs: number): (() => string | undefined) => {
  const startedMs = performance.now();
  const before = usageOf(pid)?.cpuMs ?? 0;
  return () => {
    const usage = usageOf(pid);
    const passedMs = performance.now() - startedMs;
    const workedMs = usage ? usage.cpuMs - before : passedMs;
    if (usage && usage.memoryBytes > mostMemoryBytes) return 'filled the memory';
    if (workedMs > longestMs) return `worked for ${Math.round(workedMs / 1000)} s`;
    return passedMs > 4 * longestMs ? `took ${Math.round(passedMs / 1000)} s` : undefined;
  };
};
