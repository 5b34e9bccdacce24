import { performance } from 'node:perf_hooks';
import type { FaultBed } from '../fault-bed.ts';
import { reporting } from '../fault-case.ts';
import { lookWithoutFaults } from '../look-without-faults.ts';
import { blameless, joinVerdicts, judgeBed, wrongs, type Verdict } from '../oracle.ts';
import type { RecordedSoak } from '../recorded-results.ts';
import { seeded } from '../seeded.ts';
import { liveOneLife, type Life } from './live-one-life.ts';
import { raiseStorm } from './raise-storm.ts';
import { sizeOfProcess } from './size-of-process.ts';
import { startApi } from './start-api.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** One store begins its life in so many milliseconds, on the average. */
  readonly storeEveryMs: number;
  /** Something goes wrong for everybody in so many. */
  readonly faultEveryMs: number;
  say(text: string): void;
}

/** More stores than these at a time are not begun: a storm that holds everything up only makes them wait. */
const mostAtATime = 40;
const warmUpMs = 120_000;
const pollEveryMs = 500;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Stores are created and deleted through the API's own process while things go wrong, and everything is measured after a
 * warm-up and at the end, when the last store is gone.
 * @throws Error when the bed itself fares badly
 */
export const soak = async (
  bed: FaultBed,
  options: SoakOptions,
): Promise<RecordedSoak & { verdict: Verdict }> => {
  const { minutes, seed, say } = options;
  const { reference } = await lookWithoutFaults(bed);
  const ground = { bed, reference };
  const api = await startApi(bed.environment);
  bed.alsoClose(api.stop);
  const random = seeded(seed);
  const endsAt = performance.now() + minutes * 60_000;
  const isOver = () => performance.now() > endsAt;
  const lives: Life[] = [];
  const living = new Set<Promise<unknown>>();
  const storm = raiseStorm(bed, seeded(seed + 1), options.faultEveryMs);
  const polling = pollUntil(isOver, api.list);
  const [eldest] = bed.workers.workers();
  if (!eldest) throw new Error('No worker runs.');
  const measure = () =>
    measureAll(bed, {
      api: api.pid,
      'a worker': eldest.pid,
      'the emulated cluster and the test': process.pid,
    });
  const warm = pause(Math.min(warmUpMs, (minutes * 60_000) / 4)).then(measure);
  let number = 0;
  let toldAt = performance.now();
  while (!isOver()) {
    await pause(2 * random() * options.storeEveryMs);
    if (living.size >= mostAtATime) continue;
    number += 1;
    const life = liveOneLife({ ground, api, random: seeded(seed + 1000 * number), number }).then((lived) => {
      lives.push(lived);
      const wrong = wrongs(lived.verdict);
      if (wrong.length > 0) say(wrong.join('\n  '));
      living.delete(life);
    });
    living.add(life);
    if (performance.now() - toldAt > 300_000) {
      toldAt = performance.now();
      say(`${lives.length} stores came and went, ${living.size} live.`);
    }
  }
  await polling;
  await storm.calm();
  await Promise.all(living);
  await bed.workers.whole();
  const [begin, end] = [await warm, await measure()];
  const left = await reporting(() => judgeBed(bed));
  const [stored] = await bed.db.query('select count(*)::int as count from stores');
  // And the one without faults.
  const made = Number(stored?.['count']) - 1;
  const doubled = made === number ? [] : [`${number} creates made ${made} stores`];
  const verdict = joinVerdicts([...lives.map((life) => life.verdict), left, { ...blameless, doubled }]);
  const blown = [...storm.blown()];
  say(blown.map(([name, times]) => `${String(times).padStart(6)}  ${name}`).join('\n'));
  const counts = await bed.queue.board.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
  return {
    queue: bed.backend,
    minutes,
    stores: number,
    failures: tally(lives.flatMap(({ failures }) => failures)),
    faults: [...blown.map(([, times]) => times), ...lives.map(({ met }) => met)].reduce(
      (sum, each) => sum + each,
      0,
    ),
    lost: verdict.lost.length,
    leaked: verdict.leaked.length,
    doubled: verdict.doubled.length,
    different: verdict.different.length,
    memory: grown(begin.mib, end.mib),
    handles: grown(begin.handles, end.handles),
    rows: grown(begin.rows, end.rows),
    jobsLeft: Object.values(counts).reduce((sum, each) => sum + each, 0),
    verdict,
  };
};

const pollUntil = async (isOver: () => boolean, list: (tag?: string) => Promise<string | undefined>) => {
  let tag: string | undefined;
  while (!isOver()) {
    tag = await list(tag).catch(() => undefined);
    await pause(pollEveryMs);
  }
};

type Figures = ReadonlyMap<string, number>;

const measureAll = async (bed: FaultBed, pids: Readonly<Record<string, number>>) => {
  const sizes = await Promise.all(
    Object.entries(pids).map(async ([name, pid]) => ({ name, ...(await sizeOfProcess(pid)) })),
  );
  return {
    mib: new Map(sizes.map(({ name, mib }) => [name, mib])),
    handles: new Map(sizes.map(({ name, handles }) => [name, handles])),
    rows: await countRows(bed),
  };
};

/** Of every table, the queue's in PostgreSQL too; in Redis, how many keys there are. */
const countRows = async ({ db, backend, redis }: FaultBed): Promise<Figures> => {
  const tables = await db.query(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'bullmq') order by 1",
  );
  const counted = new Map<string, number>();
  for (const { name } of tables) {
    const [row] = await db.query(`select count(*)::int as count from ${String(name)}`);
    counted.set(String(name), Number(row?.['count'] ?? 0));
  }
  if (backend === 'redis' && redis) counted.set('keys in Redis', await redis.size());
  return counted;
};

const grown = (begin: Figures, end: Figures) =>
  [...end].map(([name, value]) => ({ name, begin: begin.get(name) ?? 0, end: value }));

const tally = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(words)].map((word) => [word, words.filter((each) => each === word).length]));
