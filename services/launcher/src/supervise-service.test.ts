import { until } from '@store-platform/shared/testing/until';
import { expect, onTestFinished, test } from 'vitest';
import { processIdentity } from '@store-platform/shared/process/process-identity';
import type { ServicePlan } from './service-plan.ts';
import { superviseService, type ServiceLimits } from './supervise-service.ts';
import { fakeService, stubbornProgram } from './testing/fake-service.ts';
import { scratchFolder } from './testing/scratch-folder.ts';

const limits: ServiceLimits = {
  readyMs: 10_000,
  stopMs: 10_000,
  restartMs: 1,
  restartMaxMs: 4,
  steadyMs: 60_000,
};

const supervise = (plan: ServicePlan, changes: Partial<ServiceLimits> = {}) => {
  const lines: string[] = [];
  const troubles: string[] = [];
  const pids: number[] = [];
  const service = superviseService(plan, {
    limits: { ...limits, ...changes },
    onLine: (_, line) => lines.push(line),
    onTrouble: (_, sentence) => troubles.push(sentence),
    onSpawn: (_, pid) => pids.push(pid),
  });
  onTestFinished(async () => {
    service.kill();
    await service.stop();
  });
  return { service, lines, troubles, pids };
};

const lastPid = (pids: readonly number[]): number => pids.at(-1) ?? 0;

test('a service is ready when it says so, and leaves in order when it is stopped', async () => {
  const { service, lines, pids } = supervise(fakeService('api'));
  await service.ready;
  expect(lines).toEqual([]);
  await service.stop();
  expect(lines).toEqual(['leaves']);
  expect(processIdentity(lastPid(pids))).toBeUndefined();
});

test('a service that ends before it is ready fails with its last words on stderr', async () => {
  const { service, troubles } = supervise(
    fakeService('worker', `console.log('{}'); console.error('KUBE_CONTEXT is unknown'); process.exit(1)`),
  );
  await expect(service.ready).rejects.toThrow('worker ended with code 1\n    KUBE_CONTEXT is unknown');
  expect(troubles).toEqual([]);
});

test('a service that is not ready in time is ended and said so', async () => {
  const { service, pids } = supervise(fakeService('api', 'setInterval(() => {}, 60_000)'), { readyMs: 100 });
  await expect(service.ready).rejects.toThrow('api was not ready within 0.1 s');
  expect(processIdentity(lastPid(pids))).toBeUndefined();
});

test('a service that crashes starts again, each time after a longer pause', async () => {
  const { service, troubles, pids } = supervise(fakeService('worker'));
  await service.ready;
  for (const life of [1, 2, 3, 4]) {
    process.kill(lastPid(pids), 'SIGKILL');
    await until('it runs again', () => troubles.filter((text) => text === 'runs again').length === life);
  }
  expect(troubles.filter((text) => text !== 'runs again')).toEqual([
    'was ended by SIGKILL; it starts again in 0.001 s',
    'was ended by SIGKILL; it starts again in 0.002 s',
    'was ended by SIGKILL; it starts again in 0.004 s',
    'was ended by SIGKILL; it starts again in 0.004 s',
  ]);
});

test('a service that lived long enough starts again after the shortest pause', async () => {
  const { service, troubles, pids } = supervise(fakeService('worker'), { steadyMs: 0 });
  await service.ready;
  for (const life of [1, 2]) {
    process.kill(lastPid(pids), 'SIGKILL');
    await until('it runs again', () => troubles.filter((text) => text === 'runs again').length === life);
  }
  expect(troubles.filter((text) => text.includes('0.001 s'))).toHaveLength(2);
});

test('a crash that repeats right at the start goes on to be told and mended', async () => {
  const folder = await scratchFolder();
  const onceOnly = `
    const { existsSync, writeFileSync } = require('node:fs');
    if (existsSync('${folder}/broken')) { console.error('still broken'); process.exit(3); }
    writeFileSync('${folder}/broken', '');
    process.on('SIGTERM', () => process.exit(0));
    setInterval(() => {}, 60_000);
    process.send({ ready: true });
  `;
  const { service, lines, troubles, pids } = supervise(fakeService('api', onceOnly));
  await service.ready;
  process.kill(lastPid(pids), 'SIGKILL');
  await until('it fails twice more', () => lines.filter((line) => line === 'still broken').length >= 2);
  expect(troubles).toContain('ended with code 3; it starts again in 0.002 s');
});

test('a service that ignores SIGTERM is ended with all that it started', async () => {
  const parent = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
    console.log(child.pid);
    ${stubbornProgram}
  `;
  const { service, lines, pids } = supervise(fakeService('emulator', parent), { stopMs: 50 });
  await service.ready;
  const grandchild = Number(await until('it says its child', () => lines[0]));
  await service.stop();
  expect(processIdentity(lastPid(pids))).toBeUndefined();
  await until('the grandchild is gone', () => processIdentity(grandchild) === undefined);
});

test('a stop during the pause before a new start leaves nothing to start', async () => {
  const { service, troubles, pids } = supervise(fakeService('worker'), {
    restartMs: 60_000,
    restartMaxMs: 60_000,
  });
  await service.ready;
  process.kill(lastPid(pids), 'SIGKILL');
  await until('the crash is told', () => troubles.length === 1);
  await service.stop();
  expect(pids).toHaveLength(1);
});

test('a restart that is asked for is no crash, and cuts a pause short', async () => {
  const { service, troubles, pids } = supervise(fakeService('api'), {
    restartMs: 60_000,
    restartMaxMs: 60_000,
  });
  await service.ready;
  service.restart();
  await until('it runs again', () => troubles.includes('runs again'));
  process.kill(lastPid(pids), 'SIGKILL');
  await until('the crash is told', () => troubles.length === 2);
  service.restart();
  await until('it runs again', () => troubles.filter((text) => text === 'runs again').length === 2);
  expect(troubles.filter((text) => text.includes('starts again'))).toHaveLength(1);
});

test('a program that is not ours is ready when it listens', async () => {
  const listening = `require('node:net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })`;
  const first = supervise(fakeService('dashboard', listening), { readyMs: 60_000 });
  first.service.ready.catch(() => {});
  const port = Number(await until('it says its port', () => first.lines[0]));
  const second = supervise({
    ...fakeService('dashboard', 'setInterval(() => {}, 60_000)'),
    readyWhen: { port, host: '127.0.0.1' },
  });
  await expect(second.service.ready).resolves.toBeUndefined();
});
