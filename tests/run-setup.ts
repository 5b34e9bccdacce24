import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const stubPrograms = join(root, 'tests/stub-programs');

/** What it may use of the system; everything else is missing there. */
const tools = ['bash', 'env', 'dirname', 'cat', 'grep', 'sed', 'awk', 'tail', 'rm', 'mkdir'];
const files = [
  'setup.sh',
  'docker-compose.yml',
  'kind-config.yaml',
  'ingress-controller.yaml',
  'package-lock.json',
];

export const neededPrograms = ['docker', 'kind', 'kubectl', 'node', 'npm'] as const;

/** Each is a file that a stub program looks for. */
export type Fault =
  | 'apply-refused'
  | 'cgroup-v1'
  | 'controller-not-ready'
  | 'daemon-away'
  | 'daemon-closed'
  | 'deaf-cluster'
  | 'killed-in-create'
  | 'no-compose'
  | 'node-broken'
  | 'old-kind'
  | 'old-node'
  | 'other-context'
  | 'unhealthy';

/** How one run ended: its exit code (null when it was killed), what it printed, and what it called, in order. */
export interface SetupRun {
  readonly code: number | null;
  readonly output: string;
  readonly calls: readonly string[];
}

/** A copy of the files that `setup.sh` reads, in a folder of its own, with stub programs that record their calls. */
export const useSetupFolder = async ({
  programs = neededPrograms,
}: { programs?: readonly string[] } = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const at = (path: string) => join(folder, path);
  for (const name of ['bin', 'stub/containers', 'stub/faults']) await mkdir(at(name), { recursive: true });
  for (const name of ['calls', 'clusters', 'contexts', 'shops', 'taken-ports'])
    await writeFile(at(`stub/${name}`), '');
  for (const name of files) await copyFile(join(root, name), at(name));
  for (const name of tools) await symlink(findTool(name), at(`bin/${name}`));
  for (const name of [...programs, 'sleep']) await symlink(join(stubPrograms, name), at(`bin/${name}`));

  const run = async (...args: string[]): Promise<SetupRun> => {
    await writeFile(at('stub/calls'), '');
    const child = spawn(at('bin/bash'), [at('setup.sh'), ...args], {
      env: { PATH: at('bin'), STUB: at('stub'), HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output += String(chunk)));
    await once(child, 'close');
    const calls = (await readFile(at('stub/calls'), 'utf8')).split('\n').filter(Boolean);
    return { code: child.exitCode, output, calls };
  };

  return {
    run,
    read: (path: string) => readFile(at(path), 'utf8'),
    write: (path: string, text: string) => writeFile(at(path), text),
    has: (path: string) => existsSync(at(path)),
    fault: (name: Fault) => writeFile(at(`stub/faults/${name}`), ''),
    mend: (name: Fault) => rm(at(`stub/faults/${name}`)),
    /** Something else listens there. */
    takePort: (port: number) => writeFile(at('stub/taken-ports'), `${port} `, { flag: 'a' }),
    /** As Docker would say of the cluster's node. */
    setNode: (state: string) => writeFile(at('stub/containers/store-platform-control-plane'), `${state}\n`),
  };
};

const findTool = (name: string): string => {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`There is no ${name} on this machine.`);
  return path;
};
