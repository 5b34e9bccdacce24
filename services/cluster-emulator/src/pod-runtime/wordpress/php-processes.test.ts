import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity } from '@store-platform/shared/process/process-identity';
import { expect, it, onTestFinished } from 'vitest';
import { makeTestFolder } from '../../testing/test-cluster.ts';
import { createPhpProcesses } from './php-processes.ts';

const startIdle = () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, pid: child.pid ?? 0 };
};

it('what a killed platform left running is ended by the next start, and nobody else with the same number', async () => {
  const folder = join(await makeTestFolder(), 'processes');
  await mkdir(folder);
  const left = startIdle();
  const stranger = startIdle();
  await writeFile(join(folder, String(left.pid)), processIdentity(left.pid) ?? '');
  await writeFile(join(folder, String(stranger.pid)), 'another process, long ago');
  const ended = once(left.child, 'exit');
  createPhpProcesses(folder);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(processIdentity(stranger.pid)).toBeDefined();
  expect(await readdir(folder)).toEqual([]);
});
