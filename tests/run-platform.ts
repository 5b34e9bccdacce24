import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Settings } from '@store-platform/shared/config/settings';
import { freePort } from '@store-platform/shared/process/free-port';
import { until } from '@store-platform/shared/testing/until';

const startScript = fileURLToPath(new URL('../services/launcher/start.mjs', import.meta.url));

/** Longer than any build and start on a busy machine. */
const startMs = 90_000;

/** Nothing of this machine's own settings or `.env` reaches the platform. */
const noSettings = Object.fromEntries(Object.keys(Settings.shape).map((name) => [name, '']));

const Lock = z.object({ services: z.array(z.object({ name: z.string(), pid: z.number() })) });

export interface RunningService {
  readonly name: string;
  readonly pid: number;
}

/**
 * `npm start`, for real: each part a process of its own, on free loopback ports.
 * @param folder its data folder, which PostgreSQL's own user must be able to enter.
 */
export const runPlatform = async (
  folder: string,
  environment: Readonly<Record<string, string>> = {},
  nodeArgs: readonly string[] = [],
) => {
  const [port, dashboardPort, ingressPort] = [await freePort(), await freePort(), await freePort()];
  const child = spawn(process.execPath, [...nodeArgs, startScript], {
    env: {
      PATH: process.env['PATH'],
      TMPDIR: process.env['TMPDIR'],
      ...noSettings,
      DATA_DIR: folder,
      PORT: String(port),
      DASHBOARD_PORT: String(dashboardPort),
      INGRESS_PORT: String(ingressPort),
      EMULATOR_READY_AFTER_MS: '300',
      // Whatever this machine can fetch.
      STORE_RUNTIME: 'stand-in',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;

  return {
    api: `http://127.0.0.1:${port}`,
    dashboard: `http://127.0.0.1:${dashboardPort}`,
    ingressPort,
    kubeconfigPath: join(folder, 'kubeconfig'),
    launcherPid: child.pid ?? 0,
    /** All that it wrote so far. */
    output: () => output,
    ready: () =>
      until(
        'the platform is ready',
        () => {
          if (hasEnded()) throw new Error(`It ended with code ${child.exitCode}:\n${output}`);
          return output.includes('Store Platform is ready after');
        },
        { timeoutMs: startMs },
      ),
    /** Resolves with the exit code once it has ended by itself. */
    ended: async (): Promise<number | null> => {
      await ended;
      return child.exitCode;
    },
    services: (): RunningService[] => servicesOf(folder),
    /** SIGKILL for each process: the launcher first, so that it can mend nothing, and PostgreSQL too. */
    kill: async (): Promise<void> => {
      if (hasEnded()) return;
      const pids = [child.pid ?? 0, ...servicesOf(folder).map(({ pid }) => pid), postmasterOf(folder)];
      pids.forEach(killNow);
      await ended;
    },
    /** As Ctrl-C does. @returns the exit code. */
    interrupt: async (): Promise<number | null> => {
      child.kill('SIGINT');
      await ended;
      return child.exitCode;
    },
  };
};

const servicesOf = (folder: string): RunningService[] =>
  Lock.parse(JSON.parse(readFileSync(join(folder, 'launcher.lock'), 'utf8'))).services;

export const postmasterOf = (folder: string): number =>
  Number(readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

const killNow = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};
