import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@store-platform/shared/process/free-port';
import { listenOnLoopback } from '@store-platform/shared/testing/listen-on-loopback';
import { until } from '@store-platform/shared/testing/until';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { launch, type LaunchOptions } from './launch.ts';
import { readLauncherConfig } from './launcher-config.ts';
import { processIdentity } from '@store-platform/shared/process/process-identity';
import type { ServicePlan } from './service-plan.ts';
import { fakeLimits, fakeService, stubbornProgram } from './testing/fake-service.ts';
import { scratchFolder } from './testing/scratch-folder.ts';

const freePorts = async () => ({
  PORT: String(await freePort()),
  DASHBOARD_PORT: String(await freePort()),
  INGRESS_PORT: String(await freePort()),
});

interface Fakes {
  folder: string;
  emulator?: ServicePlan;
  services?: ServicePlan[];
  environment?: Record<string, string>;
  startPostgres?: LaunchOptions['startPostgres'];
}

const start = async ({
  folder,
  emulator = fakeService('emulator'),
  services,
  environment,
  startPostgres,
}: Fakes) => {
  const story: string[] = [];
  const config = readLauncherConfig({ ...(await freePorts()), DATA_DIR: folder, ...environment }, '/');
  const platform = launch({
    config,
    plan: (databaseUrl) => {
      if (databaseUrl) story.push(`plan with ${databaseUrl}`);
      return { emulator, services: services ?? [fakeService('api'), fakeService('worker')] };
    },
    startPostgres:
      startPostgres ??
      (async () => {
        story.push('postgres starts');
        return {
          url: 'postgresql://embedded',
          revive: async () => false,
          stop: async () => {
            story.push('postgres stops');
          },
        };
      }),
    limits: fakeLimits,
    onLine: (service, line) => story.push(`${service} ${line}`),
    onTrouble: (service, sentence) => story.push(`${service}: ${sentence}`),
  });
  onTestFinished(async () => {
    platform.hurry();
    await platform.stop();
  });
  return { platform, story };
};

const Lock = z.object({ services: z.array(z.object({ name: z.string(), pid: z.number() })) });
const recordedPids = (folder: string): number[] =>
  Lock.parse(JSON.parse(readFileSync(join(folder, 'launcher.lock'), 'utf8'))).services.map(({ pid }) => pid);

const anyRuns = (pids: readonly number[]) => pids.some((pid) => processIdentity(pid) !== undefined);

test('everything starts, and stops in order: services, emulator, PostgreSQL last', async () => {
  const folder = await scratchFolder();
  const { platform, story } = await start({ folder });
  await platform.started;
  const pids = recordedPids(folder);
  expect(pids).toHaveLength(3);
  await platform.stop();
  expect(story.slice(0, 2)).toEqual(['postgres starts', 'plan with postgresql://embedded']);
  expect(story.slice(2, 4).toSorted()).toEqual(['api leaves', 'worker leaves']);
  expect(story.slice(4)).toEqual(['emulator leaves', 'postgres stops']);
  expect(anyRuns(pids)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

test('a PostgreSQL from the settings is neither started nor stopped', async () => {
  const { platform, story } = await start({
    folder: await scratchFolder(),
    environment: { DATABASE_URL: 'postgresql://127.0.0.1/mine' },
  });
  await platform.started;
  await platform.stop();
  expect(story.filter((line) => line.includes('postgres'))).toEqual([]);
});

test('each service that does not start says why, in one list, and nothing is left running', async () => {
  const folder = await scratchFolder();
  const broken = (name: string, why: string) => fakeService(name, `console.error('${why}'); process.exit(1)`);
  const { platform, story } = await start({
    folder,
    services: [broken('api', 'no database'), broken('worker', 'no cluster'), fakeService('dashboard')],
  });
  await expect(platform.started).rejects.toThrow(
    /^(?=[\s\S]*api ended with code 1\n {4}no database)(?=[\s\S]*worker ended with code 1\n {4}no cluster)/,
  );
  expect(story.slice(-2)).toEqual(['emulator leaves', 'postgres stops']);
  expect(readdirSync(folder)).toEqual([]);
});

test('a PostgreSQL that does not start ends the start with its reason', async () => {
  const { platform, story } = await start({
    folder: await scratchFolder(),
    startPostgres: () => Promise.reject(new Error('the disk is full')),
  });
  await expect(platform.started).rejects.toThrow('The embedded PostgreSQL did not start: the disk is full');
  expect(story).not.toContain('api leaves');
});

test('a port that is taken ends the start before anything runs', async () => {
  const port = String(await listenOnLoopback(createServer()));
  const { platform, story } = await start({ folder: await scratchFolder(), environment: { PORT: port } });
  await expect(platform.started).rejects.toThrow(`Port ${port}, which the API needs, is taken`);
  expect(story).toEqual([]);
});

test('a second start on the same data folder ends with one sentence and disturbs nothing', async () => {
  const folder = await scratchFolder();
  const first = await start({ folder });
  await first.platform.started;
  const second = await start({ folder });
  await expect(second.platform.started).rejects.toThrow('Another `npm start`');
  expect(second.story).toEqual([]);
  expect(anyRuns(recordedPids(folder))).toBe(true);
});

test('a stop in the middle of the start stops what runs and starts nothing more', async () => {
  const folder = await scratchFolder();
  const { platform, story } = await start({
    folder,
    emulator: fakeService(
      'emulator',
      `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 60_000)`,
    ),
  });
  await until('PostgreSQL starts', () => story.includes('postgres starts'));
  await platform.stop();
  await expect(platform.started).rejects.toThrow();
  expect(story).toEqual(['postgres starts', 'postgres stops']);
  expect(readdirSync(folder)).toEqual([]);
});

test('hurrying ends services that take their time', async () => {
  const folder = await scratchFolder();
  const { platform, story } = await start({ folder, services: [fakeService('worker', stubbornProgram)] });
  await platform.started;
  const begun = performance.now();
  const stopped = platform.stop();
  platform.hurry();
  await stopped;
  expect(performance.now() - begun).toBeLessThan(4000);
  expect(story.at(-1)).toBe('postgres stops');
});

/** A launcher in a process of its own. */
const launchApart = async (
  folder: string,
  environment: Record<string, string> = {},
): Promise<ChildProcess> => {
  const program = fileURLToPath(new URL('testing/launch-fake.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=source', '--import=tsx', program], {
    env: { ...(await freePorts()), DATA_DIR: folder, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child, 'message');
  return child;
};

test('when the launcher is killed its services leave by themselves', async () => {
  const folder = await scratchFolder();
  const launcher = await launchApart(folder);
  const pids = recordedPids(folder);
  expect(anyRuns(pids)).toBe(true);
  launcher.kill('SIGKILL');
  await until('they are gone', () => !anyRuns(pids));
});

test('a start after the launcher was killed ends a service that did not leave, and runs', async () => {
  const folder = await scratchFolder();
  const launcher = await launchApart(folder, { STUBBORN: 'worker' });
  const pids = recordedPids(folder);
  launcher.kill('SIGKILL');
  await once(launcher, 'exit');
  const { platform, story } = await start({ folder });
  await platform.started;
  expect(anyRuns(pids)).toBe(false);
  expect(story.join('\n')).toMatch(/launcher: worker \(process \d+\) did not leave by itself and is ended/);
});
