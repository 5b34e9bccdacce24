import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CreateStoreAnswer } from '@store-platform/shared/contract/api';
import { Problem } from '@store-platform/shared/contract/problem';
import { freePort } from '@store-platform/shared/process/free-port';
import { until } from '@store-platform/shared/testing/until';

/** The API as a process of its own, and one of its visitors. */
export interface ApiProcess {
  readonly pid: number;
  /** @returns the store's id. Asks again, with the same key, until it is accepted. */
  create(name: string, key: string): Promise<string>;
  delete(storeId: string): Promise<void>;
  retry(storeId: string): Promise<void>;
  /** As a dashboard polls it. @returns its entity tag */
  list(tag?: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('../../../services/api/src/main.ts', import.meta.url));

/** @throws Error when it does not start */
export const startApi = async (environment: Readonly<Record<string, string>>): Promise<ApiProcess> => {
  const port = String(await freePort());
  const child = fork(program, {
    // Where no settings of this machine lie.
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], ...environment, PORT: port, DASHBOARD_PORT: String(await freePort()) },
    execArgv: ['--conditions=source', `--import=${import.meta.resolve('tsx')}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exit = once(child, 'exit');
  const [said] = await Promise.race([once(child, 'message'), exit.then(() => [undefined])]);
  if (said === undefined) throw new Error('The API did not start.');
  const url = `http://127.0.0.1:${port}/api/stores`;

  /** A person who is told that the database is away asks once more. */
  const persistently = (path: string, init: RequestInit): Promise<unknown> =>
    until(
      'the API accepts it',
      async () => {
        const answer = await fetch(`${url}${path}`, init);
        const body: unknown = await answer.json().catch(() => undefined);
        if (answer.ok) return { body };
        const { code, detail } = Problem.parse(body);
        // It was retried, and only the answer was lost.
        if (code === 'not_failed') return { body };
        if (code !== 'database_away') throw new Error(`${answer.status} ${code}: ${detail}`);
        return undefined;
      },
      { timeoutMs: 600_000, everyMs: 300 },
    ).then(({ body }) => body);

  return {
    pid: child.pid ?? 0,
    create: async (name, key) => {
      const body = JSON.stringify({ name, type: 'woocommerce' });
      const headers = { 'content-type': 'application/json', 'idempotency-key': key };
      return CreateStoreAnswer.parse(await persistently('', { method: 'POST', headers, body })).storeId;
    },
    delete: async (storeId) => void (await persistently(`/${storeId}`, { method: 'DELETE' })),
    retry: async (storeId) => void (await persistently(`/${storeId}/retry`, { method: 'POST' })),
    list: async (tag) => {
      const answer = await fetch(url, { headers: tag === undefined ? {} : { 'if-none-match': tag } });
      await answer.arrayBuffer();
      return answer.headers.get('etag') ?? undefined;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exit;
    },
  };
};
