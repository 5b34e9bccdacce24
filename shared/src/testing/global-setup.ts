import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { startEmbeddedPostgres } from '../embedded-postgres/embedded-postgres.ts';
import { isRedisInstalled, redisNotInstalled } from './redis-server.ts';
import { silentLogger } from './silent-logger.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the template database that each test database is cloned from. */
    templateUrl: string;
  }
}

/** One PostgreSQL for the whole run, durable in nothing, with a migrated template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  // As root, PostgreSQL runs as a user of its own, who must be able to enter.
  await chmod(folder, 0o755);
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const postgres = await startEmbeddedPostgres({ dataDir: folder, database: 'template', settings });
  const db = openDatabase({
    url: postgres.url,
    max: 1,
    applicationName: 'test',
    patienceMs: 10_000,
    logger: silentLogger,
  });
  await migrate(db);
  await db.close();
  project.provide('templateUrl', postgres.url);
  if (!isRedisInstalled()) process.stderr.write(`\n${redisNotInstalled}\n\n`);
  const before = new Set(runningPrograms());
  return async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
    refuseLeftovers(before);
  };
}

/** What a test could forget to stop, by its command line. */
const ours = /redis-server|services\/[a-z-]+\/(dist|src)\/main|dashboard\/server|store-platform-test-/;

const runningPrograms = (): string[] =>
  execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    // A zombie has ended; whoever started it is about to notice.
    .filter((line) => ours.test(line) && !/^\s*\d+\s+Z/.test(line))
    .map((line) => line.trim().replace(/^(\d+)\s+\S+/, '$1'));

const refuseLeftovers = (before: ReadonlySet<string>): void => {
  const left = runningPrograms().filter((line) => !before.has(line));
  if (left.length > 0) throw new Error(`The tests left programs running:\n${left.join('\n')}`);
};
