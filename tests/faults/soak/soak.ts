import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultBed } from '../fault-bed.ts';
import { reporting } from '../fault-case.ts';
import { lookWithoutFaults } from '../look-without-faults.ts';
import { blameless, joinVerdicts, judgeBed, wrongs, type Verdict } from '../oracle.ts';
import type { RecordedSoak } from '../recorded-results.ts';
import { seeded } from '../seeded.ts';
import { liveOneLife, type Life } from './live-one-life.ts';
import { measureBed, type Figures } from './measure-bed.ts';
import { raiseStorm } from './raise-storm.ts';
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
const tellEveryMs = 300_000;

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
  const ground = { bed, ...(await lookWithoutFaults(bed)) };
  const api = await startApi(bed.environment);
  bed.alsoClose(api.stop);
  const [eldest] = bed.workers.workers();
  if (!eldest) throw new Error('No worker runs.');
  const measure = () =>
    measureBed(bed, {
      api: api.pid,
      'a worker': eldest.pid,
      'the emulated cluster and the test': process.pid,
    });
  const endsAt = performance.now() + minutes * 60_000;
  const isOver = () => performance.now() > endsAt;
  const polling = pollUntil(isOver, api.list);
  const storm = raiseStorm(bed, seeded(seed + 1), options.faultEveryMs);
  const warm = pause(Math.min(warmUpMs, (minutes * 60_000) / 4)).then(measure);
  const live = (number: number) => liveOneLife({ ground, api, random: seeded(seed + 1000 * number), number });
  const lives = await liveUntil(isOver, live, options);
  await Promise.all([polling, storm.calm()]);
  await bed.workers.whole();
  const [begin, end] = [await warm, await measure()];
  say([...storm.blown()].map(([name, times]) => `${String(times).padStart(6)}  ${name}`).join('\n'));
  const verdict = joinVerdicts([
    ...lives.map((life) => life.verdict),
    await reporting(() => judgeBed(bed)),
    await judgeCreates(bed, lives.length),
  ]);
  const counts = await bed.queue.board.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
  return {
    queue: bed.backend,
    minutes,
    stores: lives.length,
    failures: tally(lives.flatMap(({ failures }) => failures)),
    faults: sum([...storm.blown().values(), ...lives.map(({ met }) => met)]),
    lost: verdict.lost.length,
    leaked: verdict.leaked.length,
    doubled: verdict.doubled.length,
    different: verdict.different.length,
    memory: grown(begin.mib, end.mib),
    handles: grown(begin.handles, end.handles),
    rows: grown(begin.rows, end.rows),
    jobsLeft: sum(Object.values(counts)),
    verdict,
  };
};

/** @returns every life that was begun, once the last has ended */
const liveUntil = async (
  isOver: () => boolean,
  live: (number: number) => Promise<Life>,
  { seed, storeEveryMs, say }: SoakOptions,
): Promise<Life[]> => {
  const random = seeded(seed);
  const lives: Life[] = [];
  const living = new Set<Promise<unknown>>();
  let toldAt = performance.now();
  for (let number = 1; !isOver();) {
    await pause(2 * random() * storeEveryMs);
    if (living.size >= mostAtATime) continue;
    const life = live(number).then((lived) => {
      living.delete(life);
      lives.push(lived);
      const wrong = wrongs(lived.verdict);
      if (wrong.length > 0) say(wrong.join('\n  '));
    });
    living.add(life);
    number += 1;
    if (performance.now() - toldAt < tellEveryMs) continue;
    toldAt = performance.now();
    say(`${lives.length} stores came and went, ${living.size} live.`);
  }
  await Promise.all(living);
  return lives;
};

const pollUntil = async (isOver: () => boolean, list: (tag?: string) => Promise<string | undefined>) => {
  let tag: string | undefined;
  while (!isOver()) {
    tag = await list(tag).catch(() => undefined);
    await pause(pollEveryMs);
  }
};

/** Each create made one store, however often it was sent. One more was made without faults. */
const judgeCreates = async ({ db }: FaultBed, creates: number): Promise<Verdict> => {
  const [row] = await db.query('select count(*)::int as count from stores');
  const made = Number(row?.['count']) - 1;
  return { ...blameless, doubled: made === creates ? [] : [`${creates} creates made ${made} stores`] };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

const grown = (begin: Figures, end: Figures) =>
  [...end].map(([name, value]) => ({ name, begin: begin.get(name) ?? 0, end: value }));

const tally = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(words)].map((word) => [word, words.filter((each) => each === word).length]));
