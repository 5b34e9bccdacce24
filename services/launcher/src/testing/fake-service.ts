import { tmpdir } from 'node:os';
import type { LaunchOptions } from '../launch.ts';
import type { ServicePlan } from '../service-plan.ts';

/** Ready at once; leaves when asked to, or when its launcher is gone. */
const politeProgram = `
  process.on('SIGTERM', () => { console.log('leaves'); process.exit(0); });
  process.on('disconnect', () => process.exit(0));
  setInterval(() => {}, 60_000);
  process.send({ ready: true });
`;

/** Ready at once; only a SIGKILL ends it. */
export const stubbornProgram = `
  process.on('SIGTERM', () => {});
  process.on('disconnect', () => {});
  setInterval(() => {}, 60_000);
  process.send({ ready: true });
`;

/** A tiny Node program in the place of a service. */
export const fakeService = (
  name: string,
  program = politeProgram,
  environment: Record<string, string> = {},
): ServicePlan => ({
  name,
  args: ['-e', program],
  cwd: tmpdir(),
  environment,
  sources: [],
  readyWhen: 'it says so',
});

/** As for services, but in less time. */
export const fakeLimits: LaunchOptions['limits'] = {
  readyMs: 10_000,
  stopMs: 5000,
  leftoversMs: 300,
  postgresMs: 1000,
  restartMs: 10,
  restartMaxMs: 100,
  steadyMs: 60_000,
};
