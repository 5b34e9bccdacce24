import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../process/free-port.ts';
import { findPostgresBinaries } from './binaries.ts';
import { choosePostgresHome, makeDataFolder, type PostgresHome } from './postgres-user.ts';
import { runProgram } from './run-program.ts';

export interface EmbeddedPostgres {
  /** With its password: for other processes' environments, never for a log. */
  readonly url: string;
  /** Starts it again, at the same address, when it is gone. @returns whether it was. */
  revive(): Promise<boolean>;
  /** Disconnects everyone and stops. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  dataDir: string;
  database: string;
  /** Settings for the server's command line, e.g. `{ fsync: 'off' }` for tests. */
  settings?: Readonly<Record<string, string>>;
}

const superuser = 'platform';

/**
 * With the queue in PostgreSQL a worker has at most 14 connections (5 for rows, 1 for its heartbeat, 1 to lead, 7 of
 * BullMQ's), the API 12 (8 for rows, 4 of BullMQ's): the 64 workers that WORKERS allows fit. docker-compose.yml has as many.
 */
export const mostConnections = 64 * 14 + 12 + 12;

/**
 * Starts PostgreSQL 15 from its npm package on a free loopback port, or attaches to the one that an earlier run left
 * behind on the same folder. Its data survives; a password is made once and kept readable for the owner alone.
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  await mkdir(options.dataDir, { recursive: true });
  const home = await choosePostgresHome(options.dataDir, await findPostgresBinaries());
  const password = await readPassword(options.dataDir);
  if (!existsSync(join(home.data, 'PG_VERSION'))) await initialise(home, password);
  const startOn = (port: number) => start(home, { ...options.settings, port: String(port) });
  const port = (await runningPort(home)) ?? (await startOn(await freePort()));
  const url = urlOf(password, port, options.database);
  await ensureDatabase(url, options.database);
  return {
    url,
    revive: async () => {
      if ((await listens(port)) || (await runningPort(home)) !== undefined) return false;
      await startOn(port);
      return true;
    },
    stop: () => stopPostgres(home),
  };
};

/** @returns the address of the server that runs on this folder; undefined when none does: nothing is started. */
export const findEmbeddedPostgres = async ({
  dataDir,
  database,
}: Pick<EmbeddedPostgresOptions, 'dataDir' | 'database'>): Promise<string | undefined> => {
  const port = await runningPort(await choosePostgresHome(dataDir, await findPostgresBinaries()));
  return port === undefined ? undefined : urlOf(await readPassword(dataDir), port, database);
};

const urlOf = (password: string, port: number, database: string): string =>
  `postgresql://${superuser}:${password}@127.0.0.1:${port}/${database}`;

const readPassword = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, 'postgres-password');
  if (!existsSync(file)) await writeFile(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFile(file, 'utf8');
};

/** Beside its place and then moved there: an initdb that was killed leaves a folder that PostgreSQL can't use. */
const initialise = async (home: PostgresHome, password: string): Promise<void> => {
  const passwordFile = `${home.data}.pw`;
  const making = `${home.data}.making`;
  await rm(making, { recursive: true, force: true });
  await makeDataFolder({ ...home, data: making });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (home.user) await chown(passwordFile, home.user.uid, home.user.gid);
  try {
    const args = ['-D', making, '-U', superuser, '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
    await program(home, 'initdb', [...args, '--encoding', 'UTF8', '--locale', 'C']);
    await rename(making, home.data);
  } finally {
    await rm(passwordFile, { force: true });
  }
};

const settleMs = 15_000;
const lookAgainMs = 100;

/**
 * @returns the port of a server that already runs on this folder. One that was killed counts as running until the
 * system has buried it, and one that is starting doesn't listen yet: PostgreSQL would refuse to start beside either, so
 * both are waited for.
 */
const runningPort = async (home: PostgresHome): Promise<number | undefined> => {
  const end = performance.now() + settleMs;
  while ((await isRunning(home)) && performance.now() < end) {
    const port = await recordedPort(home);
    if (port !== undefined && (await listens(port))) return port;
    await setTimeout(lookAgainMs);
  }
  return undefined;
};

const isRunning = (home: PostgresHome): Promise<boolean> =>
  program(home, 'pg_ctl', ['status', '-D', home.data]).then(
    () => true,
    () => false,
  );

/** Lines of postmaster.pid: pid, data folder, start time, port, … It goes when the server does. */
const recordedPort = async (home: PostgresHome): Promise<number | undefined> => {
  const text = await readFile(join(home.data, 'postmaster.pid'), 'utf8').catch(() => '');
  return Number(text.split('\n')[3]) || undefined;
};

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

/** @returns the port, which is one of the settings. */
const start = async (
  home: PostgresHome,
  settings: Readonly<Record<string, string>> & { readonly port: string },
): Promise<number> => {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: String(mostConnections),
    logging_collector: 'off',
    ...settings,
  };
  const flags = Object.entries(all).map(([name, value]) => `-c ${name}='${value}'`);
  const log = join(home.data, 'server.log');
  await program(home, 'pg_ctl', [
    'start',
    '-w',
    '-t',
    '30',
    '-D',
    home.data,
    '-l',
    log,
    '-o',
    flags.join(' '),
  ]);
  return Number(settings.port);
};

export const stopPostgres = async (home: PostgresHome): Promise<void> => {
  if (!(await isRunning(home))) return;
  await program(home, 'pg_ctl', ['stop', '-m', 'fast', '-w', '-t', '30', '-D', home.data]);
};

const program = ({ binaries, user, data }: PostgresHome, name: string, args: readonly string[]) =>
  runProgram(join(binaries, 'bin', name), args, { user, cwd: join(data, '..') });

const ensureDatabase = async (url: string, name: string): Promise<void> => {
  const admin = new URL(url);
  admin.pathname = '/postgres';
  const client = new pg.Client({ connectionString: admin.href, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (!rowCount) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
};
