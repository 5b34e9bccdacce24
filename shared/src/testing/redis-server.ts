import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { onTestFinished, type TestContext } from 'vitest';
import { freePort } from '../process/free-port.ts';

export interface RedisServer {
  readonly url: string;
  /** Starts it again on the same port. It keeps nothing on disk, so it comes back empty. */
  start(): Promise<void>;
  /** Cuts every connection and stops. */
  stop(): Promise<void>;
  /** Connections stay and nothing is answered, as with a machine that hangs. */
  freeze(): void;
  thaw(): void;
  /** Throws away everything that it holds. */
  flush(): Promise<void>;
  /** @returns how many keys it holds */
  size(): Promise<number>;
}

/**
 * Debian's redis-server on a free loopback port, with nothing kept on disk.
 * @param settings of its command line, e.g. `{ 'maxmemory-policy': 'allkeys-lru' }`.
 */
export const startRedisServer = async (
  settings: Readonly<Record<string, string>> = {},
): Promise<RedisServer> => {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  let folder = '';

  const start = async () => {
    folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
    server = spawn('redis-server', flags({ port: String(port), dir: folder, ...settings }), {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await untilItListens(server);
  };
  const stop = async () => {
    await ended(server);
    await rm(folder, { recursive: true, force: true });
  };
  await start();
  return {
    url,
    start,
    stop,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    flush: async () => void (await ask(url, (client) => client.flushall())),
    size: () => ask(url, (client) => client.dbsize()),
  };
};

const ask = async <T>(url: string, question: (client: Redis) => Promise<T>): Promise<T> => {
  const client = new Redis(url);
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
};

/** As `startRedisServer`, stopped when the test that asks for it ends. Tests that run side by side give their context. */
export const useRedisServer = async (
  settings?: Readonly<Record<string, string>>,
  context: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<RedisServer> => {
  const server = await startRedisServer(settings);
  context.onTestFinished(() => server.stop());
  return server;
};

const flags = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries({ bind: '127.0.0.1', save: '', appendonly: 'no', ...settings }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);

const untilItListens = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let log = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('Ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`redis-server did not start: ${log.slice(-500)}`)));
  });

const ended = async (server: ChildProcess | undefined): Promise<void> => {
  if (!server || server.exitCode !== null || server.signalCode !== null) return;
  const exit = new Promise((resolve) => server.once('exit', resolve));
  // Also ends one that is frozen.
  server.kill('SIGKILL');
  await exit;
};
