import { fork, type ChildProcess } from 'node:child_process';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { createPhpPool, type PhpPool, type TurnOptions } from './php-pool.ts';

const stub = fileURLToPath(new URL('../../testing/stub-php-worker.mjs', import.meta.url));

interface StartOptions {
  readonly mostWorkers?: number;
  readonly longestRequestMs?: number;
  readonly how?: 'well' | 'broken';
}

const startPool = ({ mostWorkers = 2, longestRequestMs = 30_000, how = 'well' }: StartOptions = {}) => {
  const children: ChildProcess[] = [];
  const lines: string[] = [];
  const pool = createPhpPool({
    start: () => {
      const child = fork(stub, [how], {
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      children.push(child);
      return child;
    },
    mostWorkers,
    longestRequestMs,
    say: (line) => lines.push(line),
    call: async (text, own) => `${text} ${await ask(own, '/')}`,
  });
  onTestFinished(() => pool.end());
  return { pool, children, lines };
};

const ask = async (pool: PhpPool, url: string, options?: TurnOptions): Promise<string> => {
  const request = { script: '/index.php', method: 'GET' as const, url, headers: {}, server: {} };
  const { body } = await pool.serve({ ...request, body: new Uint8Array() }, options);
  return Buffer.from(body).toString();
};

it('one process is enough for visitors that come one after the other', async () => {
  const { pool, children } = startPool();
  expect(await ask(pool, '/')).toBe(await ask(pool, '/'));
  expect(children).toHaveLength(1);
});

it('a shop that calls itself is answered by a second process', async () => {
  const { pool, children } = startPool();
  const told = await ask(pool, '/call/hello');
  expect(told).toBe(`called 7 hello ${children[1]?.pid}`);
});

it('what has time waits until no visitor came for a while, and starts no process', async () => {
  const { pool, children } = startPool();
  const order: string[] = [];
  const visit = () => ask(pool, '/slow/100').then(() => order.push('visitor'));
  await visit();
  const later = ask(pool, '/', { hasTime: true }).then(() => order.push('has time'));
  for (let visits = 0; visits < 5; visits += 1) await visit();
  await later;
  expect(order).toEqual([...Array.from({ length: 6 }, () => 'visitor'), 'has time']);
  expect(children).toHaveLength(1);
});

const runProgram = async (pool: PhpPool, words: string[], signal = new AbortController().signal) => {
  const said = { stdout: '', stderr: '' };
  const hears = (stream: keyof typeof said) =>
    new Writable({ write: (chunk, _, done) => done(void (said[stream] += String(chunk))) });
  const io = { stdout: hears('stdout'), stderr: hears('stderr'), signal };
  return { exitCode: await pool.run({ mounts: {}, words }, io), ...said };
};

it('a program runs in the process that answers visitors, and its words are passed on', async () => {
  const { pool, children } = startPool();
  expect(await runProgram(pool, ['say', 'well', 'badly'])).toEqual({
    exitCode: 3,
    stdout: 'well',
    stderr: 'badly',
  });
  await ask(pool, '/');
  expect(children).toHaveLength(1);
});

it('a program may take longer than a visitor, and is killed when it is told to', async () => {
  const { pool, children } = startPool({ mostWorkers: 1, longestRequestMs: 100 });
  await ask(pool, '/');
  const told = new AbortController();
  const program = runProgram(pool, ['loop'], told.signal);
  await expect(Promise.race([program, pause(1000, 'runs')])).resolves.toBe('runs');
  told.abort();
  await expect(program).rejects.toThrow('told to');
  expect(children[0]?.signalCode).toBe('SIGKILL');
  expect(await ask(pool, '/')).not.toBe('');
});

it('a process that says what it may not is ended', async () => {
  const { pool, children } = startPool({ mostWorkers: 1 });
  await expect(ask(pool, '/nonsense')).rejects.toThrow('may not');
  expect(children[0]?.signalCode).toBe('SIGKILL');
});

it('an endless loop costs its process, and the shop answers again', async () => {
  const { pool, children, lines } = startPool({ mostWorkers: 1, longestRequestMs: 300 });
  await expect(ask(pool, '/loop')).rejects.toThrow(/worked for|took/);
  expect(await ask(pool, '/')).not.toBe('');
  expect(children[0]?.signalCode).toBe('SIGKILL');
  expect(lines.join()).toMatch(/GET \/loop (worked for|took)/);
});

it('a request whose process dies is told so, the one behind it is answered', async () => {
  const { pool } = startPool({ mostWorkers: 1 });
  const [died, next] = await Promise.allSettled([ask(pool, '/exit'), ask(pool, '/')]);
  expect([died.status, next.status]).toEqual(['rejected', 'fulfilled']);
});

it('a process that has grown too large is replaced by a fresh one', async () => {
  const { pool } = startPool({ mostWorkers: 1 });
  const first = await ask(pool, '/fat');
  expect(await ask(pool, '/')).not.toBe(first);
});

it('processes that never get ready make the pool give up', async () => {
  const { pool, children } = startPool({ how: 'broken' });
  expect(await pool.hopeless).toContain('again and again');
  expect(children).toHaveLength(3);
});

it('nothing of it runs once it has ended, and who waited is told', async () => {
  const { pool, children } = startPool();
  const waiting = Promise.allSettled([ask(pool, '/slow/60000')]);
  await ask(pool, '/');
  await pool.end();
  expect((await waiting)[0].status).toBe('rejected');
  expect(children.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)).toBe(true);
});
