import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { provisioningStages } from '@store-platform/shared/contract/stage';
import { openDatabase, type Database } from '@store-platform/shared/db/database';
import { migrate } from '@store-platform/shared/db/migrate';
import { startEmbeddedPostgres } from '@store-platform/shared/embedded-postgres/embedded-postgres';
import { freePort } from '@store-platform/shared/process/free-port';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import { makePlatformFolder } from '../tests/make-platform-folder.ts';
import { postmasterOf } from '../tests/run-platform.ts';
import type { Bench } from './bench.ts';
import { printTable } from './print-table.ts';
import { quantile } from './quantile.ts';
import { childrenOf, cpuSecondsOf } from '@store-platform/shared/testing/read-processes';

const stores = 10_000;
const dashboards = 1000;
const pollSeconds = 5;

/** Most are ready; some of each page are being made. */
const fill = async (db: Database): Promise<void> => {
  await db.query(
    `insert into stores (store_id, name, type, status, profile, url, admin_url, namespace, ready_at)
     select id, 'Shop ' || n, 'woocommerce', case when n % 20 = 0 then 'provisioning' else 'ready' end, 'spec',
            'http://' || id || '.localhost', 'http://' || id || '.localhost/wp-admin/', id, clock_timestamp()
     from (select n, 'store-' || lpad(n::text, 8, '0') as id from generate_series(1, $1::int) n) made`,
    [stores],
  );
  await db.query(
    `insert into stage_runs (store_id, generation, stage, status, started_at, finished_at)
     select store_id, 1, stage, 'done', clock_timestamp(), clock_timestamp()
     from stores, unnest($1::text[]) stage`,
    [[...provisioningStages]],
  );
  await db.query('analyze');
};

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

interface Answered {
  readonly ms: number;
  readonly status: number;
  readonly etag: string;
  readonly text: string;
}

/** Node's own client, because `fetch` costs more than what is measured. */
const ask = (url: string, method = 'GET', headers: Record<string, string> = {}, body?: string) =>
  new Promise<Answered>((resolve, reject) => {
    const begin = performance.now();
    const sent = request(url, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          ms: performance.now() - begin,
          status: response.statusCode ?? 0,
          etag: response.headers.etag ?? '',
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });

interface Cpu {
  /** Seconds so far. */
  readonly api: number;
  readonly postgres: number;
}

/** Milliseconds of CPU a request tell more than times do on a machine that has other work. */
const measuring = (cpuOf: () => Cpu, row: (...cells: readonly string[]) => void) => {
  return async (what: string, wanted: number, work: () => Promise<readonly Answered[]>) => {
    const before = cpuOf();
    const begin = performance.now();
    const answers = await work();
    const seconds = (performance.now() - begin) / 1000;
    const after = cpuOf();
    const times = answers.map(({ ms }) => ms);
    const at = (share: number) => quantile(times, share).toFixed(1);
    const wrong = answers.filter(({ status }) => status !== wanted).length;
    const each = (part: keyof Cpu) => ((1000 * (after[part] - before[part])) / answers.length).toFixed(2);
    row(what, String(answers.length), at(0.5), at(0.95), each('api'), each('postgres'), String(wrong));
    return (part: keyof Cpu) => ((100 * (after[part] - before[part])) / seconds).toFixed(0);
  };
};

const oneByOne = async (times: number, work: (n: number) => Promise<Answered>): Promise<Answered[]> => {
  const answers: Answered[] = [];
  for (let n = 0; n < times; n += 1) answers.push(await work(n));
  return answers;
};

const json = { 'content-type': 'application/json' };
const create = (api: string, n: number) =>
  ask(`${api}/api/stores`, 'POST', json, JSON.stringify({ name: `New ${n}`, type: 'woocommerce' }));

/** As many a second as so many dashboards ask, each holding the newest answer. */
const pollFor = async (list: string, seconds: number): Promise<Answered[]> => {
  const everyMs = (pollSeconds * 1000) / dashboards;
  const { etag } = await ask(list);
  const asked: Promise<Answered>[] = [];
  const begin = performance.now();
  for (let n = 0; performance.now() - begin < seconds * 1000; n += 1) {
    asked.push(ask(list, 'GET', { 'if-none-match': etag }));
    await pause(Math.max(0, begin + n * everyMs - performance.now()));
  }
  return Promise.all(asked);
};

/** Thirty creates at any moment while `work` is done. */
const during = async (api: string, work: () => Promise<Answered[]>): Promise<Answered[]> => {
  const over = new AbortController();
  const creating = Array.from({ length: 30 }, async () => {
    for (let n = 0; !over.signal.aborted; n += 1) await create(api, n);
  });
  try {
    return await work();
  } finally {
    over.abort();
    await Promise.all(creating);
  }
};

const measureAll = async (api: string, cpuOf: () => Cpu): Promise<void> => {
  const list = `${api}/api/stores`;
  const isUp = () =>
    ask(`${api}/health`).then(
      ({ status }) => status === 200,
      () => false,
    );
  await until('the API answers', isUp);
  const { etag } = await ask(list);
  await oneByOne(100, () => ask(list));

  const head = ['asked', 'p50 ms', 'p95 ms', 'API, CPU ms', 'PostgreSQL, CPU ms', 'refused'];
  const measure = measuring(cpuOf, printTable('With 10,000 stores', ...head));
  await measure('a page of 100', 200, () => oneByOne(200, () => ask(list)));
  await measure('a page far behind', 200, () => oneByOne(200, () => ask(`${list}?cursor=1200`)));
  const held = { 'if-none-match': etag };
  await measure('unchanged', 304, () => oneByOne(500, () => ask(list, 'GET', held)));
  const percent = await measure(`${dashboards} dashboards`, 304, () => pollFor(list, 5));
  await measure('a create', 202, () => oneByOne(100, (n) => create(api, n)));
  await measure('30 creates at once: a page', 200, () => during(api, () => oneByOne(50, () => ask(list))));
  const remove = (n: number) => ask(`${list}/store-${String(n + 1).padStart(8, '0')}`, 'DELETE');
  await measure('30 creates at once: a delete', 202, () => during(api, () => oneByOne(50, remove)));
  console.log(
    `\n${dashboards} dashboards, each every ${pollSeconds} s: the API takes ${percent('api')} % of a core, PostgreSQL ${percent('postgres')} %`,
  );
};

const run = async (): Promise<void> => {
  const folder = await makePlatformFolder();
  const postgres = await startEmbeddedPostgres({ dataDir: folder, database: 'platform' });
  const db = openDatabase({
    url: postgres.url,
    max: 2,
    applicationName: 'bench',
    patienceMs: 60_000,
    logger: silentLogger,
  });
  await migrate(db);
  await fill(db);
  const port = await freePort();
  const server = spawn(process.execPath, ['services/api/dist/main.js'], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: postgres.url,
      PORT: String(port),
      LOG_LEVEL: 'error',
      MAX_ACTIVE_STORES: '100000',
    },
    stdio: 'inherit',
  });
  const postmaster = postmasterOf(folder);
  try {
    await measureAll(`http://127.0.0.1:${port}`, () => ({
      api: cpuSecondsOf(server.pid ?? 0),
      postgres: [postmaster, ...childrenOf(postmaster)].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
    }));
  } finally {
    server.kill();
    agent.destroy();
    await db.close();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

export const listStores: Bench = {
  name: 'list',
  title: 'What polls, pages and creates cost with 10,000 stores',
  run,
};
