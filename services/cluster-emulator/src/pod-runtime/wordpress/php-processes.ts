import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processIdentity } from '@store-platform/shared/process/process-identity';
import type { PhpProgramPlan, PhpWorkerPlan } from './php-plans.ts';

interface PhpProcessOptions {
  readonly mounts: PhpWorkerPlan['mounts'];
  /** All that PHP sees of an environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts what runs PHP, and knows what it has started. */
export interface PhpProcesses {
  worker(options: PhpProcessOptions): ChildProcess;
  /** @param words the script and its arguments */
  program(options: PhpProcessOptions, words: readonly string[]): ChildProcess;
}

/** More than a process needs at once: numbers of PHPs that run at the same time never meet. */
const mostProcessIds = 1_000_000;

/**
 * Each process is written down, because one in an endless loop doesn't notice that the platform was killed: the next start
 * ends what the last one left.
 * @param folder of this emulator alone
 */
export const createPhpProcesses = (folder: string): PhpProcesses => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  endLeftovers(folder);
  let lastId = 0;

  const start = (
    script: 'php-worker' | 'php-program',
    { mounts, env }: PhpProcessOptions,
    words?: readonly string[],
  ) => {
    lastId = (lastId + 2) % mostProcessIds;
    const plan: PhpWorkerPlan | PhpProgramPlan = {
      mounts,
      processId: lastId,
      ...(words && { words: [...words] }),
    };
    const entry = entryOf(script);
    const child = fork(entry.path, [JSON.stringify(plan)], {
      cwd: dirname(entry.path),
      env,
      execArgv: entry.execArgv,
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const { pid } = child;
    if (pid === undefined) return child;
    const note = join(folder, String(pid));
    writeFileSync(note, processIdentity(pid) ?? '', { mode: 0o600 });
    child.once('exit', () => rmSync(note, { force: true }));
    return child;
  };

  return {
    worker: (options) => start('php-worker', options),
    program: (options, words) => start('php-program', options, words),
  };
};

const endLeftovers = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const note = join(folder, name);
    const identity = readFileSync(note, 'utf8');
    if (identity !== '' && processIdentity(Number(name)) === identity) process.kill(Number(name), 'SIGKILL');
    rmSync(note);
  }
};

/** From sources where the platform itself runs from sources. */
const entryOf = (script: string): { path: string; execArgv: string[] } => {
  const extension = extname(fileURLToPath(import.meta.url));
  return {
    path: fileURLToPath(new URL(`./${script}/main${extension}`, import.meta.url)),
    execArgv: extension === '.ts' ? ['--conditions=source', '--import=tsx'] : [],
  };
};
