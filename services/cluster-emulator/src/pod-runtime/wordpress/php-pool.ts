import type { ChildProcess } from 'node:child_process';
import { holdPhpWorker, PhpGoneError, type PhpWorker, type PhpWorkerOptions } from './php-worker-handle.ts';
import type { CommandIo } from '../pod-runtime.ts';
import type { PhpProgram } from './php-plans.ts';
import type { PhpAnswer, PhpRequest } from './worker-messages.ts';

export interface PhpPoolOptions extends Omit<PhpWorkerOptions, 'call'> {
  start(): ChildProcess;
  readonly mostWorkers: number;
  /** @returns what the must-use plugin is told, see `store-platform.php` */
  call(text: string, pool: PhpPool): Promise<string>;
}

export interface TurnOptions {
  /** It takes its turn between visitors, when none came for a while; no process is started for it. */
  readonly hasTime?: boolean;
}

/** The processes that answer one shop's requests. */
export interface PhpPool {
  /** Waits its turn. @throws PhpGoneError when its process was killed, or the pool is ended */
  serve(request: PhpRequest, options?: TurnOptions): Promise<PhpAnswer>;
  /** Waits its turn as a visitor does. @returns its exit code @throws PhpGoneError as `serve` does */
  run(program: PhpProgram, io: CommandIo): Promise<number>;
  /** Resolves with the reason when its processes end again and again without an answer. */
  readonly hopeless: Promise<string>;
  /** Resolves when none of its processes runs any more. */
  end(): Promise<void>;
}

/** PHP's memory only grows, by some 80 kB a request, and never shrinks (measured). */
const mostRequests = 500;
const mostMemoryBytes = 800 * 2 ** 20;
/** A second one costs as much memory as the shop itself: it goes when nobody needs it. */
const idleMs = 60_000;
/** Ends in a row without one answer in between; then it isn't the request that is at fault. */
const mostVainEnds = 3;

/** A visitor's next page comes within so long: what has time would be in its way. */
const quietMs = 2000;
/** Where visitors never stop, what has time has its turn all the same. */
const mostPatienceMs = 30_000;

interface Turn {
  readonly sinceMs: number;
  /** Never rejects: who waits for it is told. */
  work(worker: PhpWorker): Promise<void>;
  reject(error: unknown): void;
}

export const createPhpPool = (options: PhpPoolOptions): PhpPool => {
  const workers = new Set<PhpWorker>();
  const turns: Turn[] = [];
  /** Of those that have time. */
  const laterTurns: Turn[] = [];
  let ended = false;
  let vainEnds = 0;
  let giveUp: (reason: string) => void = () => {};
  const hopeless = new Promise<string>((resolve) => (giveUp = resolve));

  const add = (): void => {
    const worker = holdPhpWorker(options.start(), { ...options, call: (text) => options.call(text, pool) });
    workers.add(worker);
    void worker.started.then(() => handOut());
    void worker.gone.then(() => leave(worker));
  };

  const leave = (worker: PhpWorker): void => {
    workers.delete(worker);
    if (ended) return;
    vainEnds = worker.answered > 0 ? 0 : vainEnds + 1;
    if (vainEnds >= mostVainEnds) giveUp('PHP ends again and again before it has answered anything.');
    else if (workers.size === 0) add();
  };

  let lastAnswerMs = 0;
  let laterTimer: NodeJS.Timeout | undefined;
  const nextLater = (): Turn | undefined => {
    const nowMs = performance.now();
    const patienceOver = nowMs - (laterTurns[0]?.sinceMs ?? nowMs) >= mostPatienceMs;
    return patienceOver || nowMs - lastAnswerMs >= quietMs ? laterTurns.shift() : undefined;
  };

  const handOut = (): void => {
    for (const worker of workers) {
      if (worker.state !== 'idle') continue;
      const turn = turns.shift() ?? nextLater();
      if (turn) void take(worker, turn);
    }
    clearTimeout(laterTimer);
    if (laterTurns.length > 0 && !ended) laterTimer = setTimeout(handOut, quietMs);
    const coming = [...workers].some(({ state }) => state === 'starting');
    if (turns.length > 0 && !coming && workers.size < options.mostWorkers && !ended) add();
  };

  const take = async (worker: PhpWorker, { work }: Turn): Promise<void> => {
    await work(worker);
    lastAnswerMs = performance.now();
    if (worker.answered >= mostRequests || worker.memoryBytes > mostMemoryBytes) {
      const mib = Math.round(worker.memoryBytes / 2 ** 20);
      options.say(`A PHP process with ${worker.answered} requests and ${mib} MiB makes room for a fresh one`);
      add();
      worker.kill();
    }
    handOut();
    sendHomeLater();
  };

  let idleTimer: NodeJS.Timeout | undefined;
  const sendHomeLater = (): void => {
    clearTimeout(idleTimer);
    if (workers.size <= 1) return;
    idleTimer = setTimeout(() => {
      for (const worker of [...workers].slice(1)) if (worker.state === 'idle') worker.kill();
    }, idleMs);
  };

  const inTurn = <T>(line: Turn[], ask: (worker: PhpWorker) => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (ended) throw new PhpGoneError('the shop is stopped');
      const work = async (worker: PhpWorker) => {
        try {
          resolve(await ask(worker));
          vainEnds = 0;
        } catch (error) {
          reject(error);
        }
      };
      line.push({ work, reject, sinceMs: performance.now() });
      handOut();
    });

  const pool: PhpPool = {
    serve: (request, { hasTime = false } = {}) =>
      inTurn(hasTime ? laterTurns : turns, (worker) => worker.serve(request)),
    run: (program, io) => inTurn(turns, (worker) => worker.run(program, io)),
    hopeless,
    end: async () => {
      ended = true;
      clearTimeout(idleTimer);
      clearTimeout(laterTimer);
      for (const { reject } of [...turns.splice(0), ...laterTurns.splice(0)])
        reject(new PhpGoneError('the shop is stopped'));
      for (const worker of workers) worker.kill();
      await Promise.all([...workers].map(({ gone }) => gone));
    },
  };
  add();
  return pool;
};
