import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { awaitPort } from './await-port.ts';
import { killGroup } from './kill-group.ts';
import type { ServicePlan } from './service-plan.ts';
import { StartError } from './start-error.ts';

/** One process of a service, from its spawn to its end. */
export interface ServiceLife {
  /** Rejects with a StartError that holds its last words when it ends, or takes too long, before it is ready. */
  readonly ready: Promise<void>;
  /** Resolves, once all that it wrote is read, with how it ended, e.g. `ended with code 1`. */
  readonly ended: Promise<string>;
  /** Asks it to leave, and ends it when it takes too long. */
  stop(): void;
  kill(): void;
}

export interface ServiceLifeOptions {
  readonly readyMs: number;
  readonly stopMs: number;
  /** Whether its last words are left to whoever hears that it didn't become ready. */
  readonly isFirst: boolean;
  onLine(line: string): void;
  onSpawn(pid: number): void;
}

export const beginLife = (plan: ServicePlan, options: ServiceLifeOptions): ServiceLife => {
  // A process group of its own: Ctrl-C in the terminal reaches the launcher alone, which then stops all in order.
  const child = spawn(process.execPath, plan.args, {
    cwd: plan.cwd,
    env: plan.environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines = followLines(child, options);
  const ended = endOf(child);
  const kill = () => {
    if (isRunning(child)) killGroup(child.pid);
  };
  if (child.pid !== undefined) options.onSpawn(child.pid);
  const ready = becomeReady({
    plan,
    child,
    ended,
    kill,
    lastWords: lines.lastWords,
    readyMs: options.readyMs,
  });
  return {
    ready: ready.then(lines.release),
    ended,
    stop: () => {
      child.kill('SIGTERM');
      const timer = setTimeout(kill, options.stopMs);
      void ended.then(() => clearTimeout(timer));
    },
    kill,
  };
};

const isRunning = (child: ChildProcess): child is ChildProcess & { pid: number } =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;

/** A program that it left behind may hold its pipes open: then what is read by now is all. */
const lastLinesMs = 500;

const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      const timer = setTimeout(() => resolve(how), lastLinesMs);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(how);
      });
    });
  });

const keptLines = 20;

interface Lines {
  /** Services put on stderr why they leave, and nothing else; without that, the end of their log has to do. */
  lastWords(): readonly string[];
  /** From now on stderr is passed on too, and what was held is. */
  release(): void;
}

const followLines = (child: ChildProcess, { isFirst, onLine }: ServiceLifeOptions): Lines => {
  const kept: Record<'stdout' | 'stderr', string[]> = { stdout: [], stderr: [] };
  let holds = isFirst;
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      kept[name] = [...kept[name].slice(1 - keptLines), line];
      if (name === 'stdout' || !holds) onLine(line);
    });
  }
  return {
    lastWords: () => (kept.stderr.length > 0 ? kept.stderr : kept.stdout.slice(-5)),
    release: () => {
      if (holds) kept.stderr.forEach(onLine);
      holds = false;
    },
  };
};

const ReadyMessage = z.object({ ready: z.literal(true) });

interface Becoming {
  readonly plan: ServicePlan;
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
  readonly kill: () => void;
  readonly lastWords: () => readonly string[];
  readonly readyMs: number;
}

const becomeReady = async ({ plan, child, ended, kill, lastWords, readyMs }: Becoming): Promise<void> => {
  const over = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, readyMs);
  const ready =
    plan.readyWhen === 'it says so'
      ? new Promise<void>((resolve) => {
          child.on('message', (message) => {
            if (ReadyMessage.safeParse(message).success) resolve();
          });
        })
      : awaitPort(plan.readyWhen, over.signal);
  const tooEarly = ended.then((how) => {
    const what = late ? `was not ready within ${readyMs / 1000} s` : how;
    throw new StartError([`${plan.name} ${what}`, ...lastWords()].join('\n    '));
  });
  try {
    await Promise.race([ready, tooEarly]);
  } finally {
    clearTimeout(timer);
    over.abort();
    tooEarly.catch(() => {
      // Its later end is told by `ended`.
    });
  }
};
