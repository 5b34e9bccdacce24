import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findProgram, notRun, wantedPrograms } from './describe-with-program.ts';
import { startTemplate } from './start-template.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the template database that each test database is cloned from. */
    templateUrl: string;
  }
}

/** One PostgreSQL for the whole run, durable in nothing, with a migrated template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await useRunFolder();
  const postgres = await startTemplate(folder);
  project.provide('templateUrl', postgres.url);
  for (const program of wantedPrograms)
    if (findProgram(program) === undefined) process.stderr.write(`${notRun(program)}\n`);
  return async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
    refuseLeftovers(folder);
  };
}

/**
 * Everything that the tests make lies in one folder, which all that they start knows as TMPDIR: so it is told apart from
 * whatever else runs on this machine.
 */
const useRunFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  // As root, PostgreSQL runs as a user of its own, who must be able to enter.
  await chmod(folder, 0o755);
  process.env['TMPDIR'] = folder;
  return folder;
};

/** Vitest's own processes end after this, and `ps` looks at itself, too. */
const ourOwn = /vitest|^ps /;

/** `e` shows each program's environment behind its arguments, on Linux as on macOS. */
const refuseLeftovers = (folder: string): void => {
  const left = execFileSync('ps', ['axeww', '-o', 'pid=,stat=,command='], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
    .split('\n')
    .filter((line) => line.includes(folder))
    .map(
      (line) =>
        /^\s*(?<pid>\d+)\s+(?<state>\S+)\s+(?<command>.*?)(?: [A-Za-z_]+=.*)?$/.exec(line)?.groups ?? {},
    )
    // A zombie has ended; whoever started it is about to notice.
    .filter(({ state = '', command = '' }) => !state.startsWith('Z') && !ourOwn.test(command))
    .map(({ pid, command }) => `${pid} ${command}`);
  if (left.length > 0) throw new Error(`The tests left programs running:\n${left.join('\n')}`);
};
