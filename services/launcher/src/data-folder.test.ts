import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@store-platform/shared/testing/until';
import { expect, onTestFinished, test } from 'vitest';
import { claimDataFolder } from './data-folder.ts';
import { endLeftovers } from './end-leftovers.ts';
import { processIdentity } from '@store-platform/shared/process/process-identity';
import { stubbornProgram } from './testing/fake-service.ts';
import { scratchFolder } from './testing/scratch-folder.ts';

const running = (program = 'setInterval(() => {}, 60_000)'): number => {
  const child = spawn(process.execPath, ['-e', program], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child.pid ?? 0;
};

/** As a launcher that was killed left it. */
const leaveLock = (folder: string, services: { name: string; pid: number; identity: string }[]) => {
  const launcher = { name: 'launcher', pid: process.pid, identity: 'of an earlier process with this number' };
  writeFileSync(join(folder, 'launcher.lock'), JSON.stringify({ launcher, services }));
};

test('a data folder is made when missing, held by one launcher, and free again after it', async () => {
  const folder = join(await scratchFolder(), 'not/yet/there');
  const mine = claimDataFolder(folder);
  expect(() => claimDataFolder(folder)).toThrow(
    `Another \`npm start\` (process ${process.pid}) uses the data folder ${folder}: stop it first`,
  );
  mine.release();
  claimDataFolder(folder).release();
  expect(readdirSync(folder)).toEqual([]);
});

test('a data folder that nobody may write to is named with what to do', async () => {
  const file = join(await scratchFolder(), 'file');
  writeFileSync(file, '');
  expect(() => claimDataFolder(join(file, 'data'))).toThrow(
    `The data folder ${file}/data is not writable: let this user write there, or set DATA_DIR to another folder.`,
  );
});

test('a data folder where none can be made is named, too', () => {
  expect(() => claimDataFolder('/proc/store-platform')).toThrow(
    'The data folder /proc/store-platform is not writable',
  );
});

test('the lock of a launcher that was killed counts no more, also when its number is taken again', async () => {
  const folder = await scratchFolder();
  leaveLock(folder, []);
  const mine = claimDataFolder(folder);
  expect(() => claimDataFolder(folder)).toThrow('Another `npm start`');
  expect(readdirSync(folder)).toEqual(['launcher.lock']);
  mine.release();
});

test('a lock that a power cut left half written counts no more', async () => {
  const folder = await scratchFolder();
  writeFileSync(join(folder, 'launcher.lock'), '{"launcher": {"na');
  const mine = claimDataFolder(folder);
  expect(mine.leftovers).toEqual([]);
  mine.release();
});

test('the services of a killed launcher are its leftovers while they run', async () => {
  const folder = await scratchFolder();
  const pid = running();
  const identity = processIdentity(pid) ?? '';
  leaveLock(folder, [
    { name: 'api', pid, identity },
    { name: 'another program with an old number', pid, identity: 'earlier' },
  ]);
  const mine = claimDataFolder(folder);
  expect(mine.leftovers).toEqual([{ name: 'api', pid, identity }]);
  mine.release();
});

test('a service is written down as it starts, its last life only, and for the owner alone', async () => {
  const folder = await scratchFolder();
  const mine = claimDataFolder(folder);
  mine.record('worker', running());
  const pid = running();
  mine.record('worker', pid);
  const path = join(folder, 'launcher.lock');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    services: [{ name: 'worker', pid, identity: processIdentity(pid) }],
  });
  expect(statSync(path).mode & 0o077).toBe(0);
  mine.release();
  expect(existsSync(path)).toBe(false);
});

test('leftovers are waited for, and ended when they stay', async () => {
  const pid = running(stubbornProgram);
  const identity = await until('it runs', () => processIdentity(pid));
  const said: string[] = [];
  await endLeftovers([{ name: 'emulator', pid, identity }], {
    patienceMs: 20,
    say: (sentence) => said.push(sentence),
  });
  expect(processIdentity(pid)).toBeUndefined();
  expect(said).toEqual([
    'Waiting for what an earlier start left running: emulator',
    `emulator (process ${pid}) did not leave by itself and is ended`,
  ]);
});
