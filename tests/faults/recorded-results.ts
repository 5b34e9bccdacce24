import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const count = z.number().int().nonnegative();
const queue = z.enum(['postgres', 'redis']);

/** One grid on one queue, as it was run in full. */
const RecordedGrid = z.object({
  grid: z.string(),
  title: z.string(),
  promises: z.array(z.number().int()),
  queue,
  cases: count,
  faults: count,
  lost: count,
  leaked: count,
  doubled: count,
  different: count,
});
export type RecordedGrid = z.infer<typeof RecordedGrid>;

const RecordedRecovery = z.object({ queue, kills: count, p50Ms: count, p95Ms: count });

const Grown = z.object({ name: z.string(), begin: count, end: count });

/** One soak. */
export const RecordedSoak = z.object({
  queue,
  minutes: count,
  stores: count,
  /** How many failed with which code. */
  failures: z.record(z.string(), count),
  faults: count,
  lost: count,
  leaked: count,
  doubled: count,
  different: count,
  /** MiB of each process that lived through it, after it warmed up and at its end. */
  memory: z.array(Grown),
  /** Open files and sockets of each. */
  handles: z.array(Grown),
  rows: z.array(Grown),
  /** Those that are neither finished nor failed. */
  jobsLeft: count,
});
export type RecordedSoak = z.infer<typeof RecordedSoak>;

/** What `docs/reliability.json` holds: `--write` of `npm run test:faults` and of `npm run test:soak` writes it. */
export const RecordedResults = z.object({
  grids: z.array(RecordedGrid),
  recovery: z.array(RecordedRecovery),
  soaks: z.array(RecordedSoak),
});
export type RecordedResults = z.infer<typeof RecordedResults>;

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));

/** Writes these in the place of the older ones of the same grid and queue, into the file and its page. */
export const record = (newer: Partial<RecordedResults>): void => {
  const [file, page] = [join(docs, 'reliability.json'), join(docs, 'reliability.md')];
  const older = RecordedResults.parse(JSON.parse(readFileSync(file, 'utf8')));
  const results = {
    grids: replaced(older.grids, newer.grids, (each) => `${each.grid} ${each.queue}`),
    recovery: replaced(older.recovery, newer.recovery, (each) => each.queue),
    soaks: replaced(older.soaks, newer.soaks, (each) => each.queue),
  };
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  writeFileSync(page, withFigures(readFileSync(page, 'utf8'), results));
};

const replaced = <T>(older: readonly T[], newer: readonly T[] = [], keyOf: (each: T) => string): T[] => [
  ...new Map([...older, ...newer].map((each) => [keyOf(each), each])).values(),
];

const promises = 10;
const begin = '<!-- figures -->';
const end = '<!-- end of figures -->';

/** @returns the page with the figures of these results between its two marks. @throws Error when it has none */
export const withFigures = (page: string, results: RecordedResults): string => {
  const [before, after] = [page.split(begin)[0], page.split(end)[1]];
  if (before === undefined || after === undefined || before === page)
    throw new Error(`The page has no place for its figures: ${begin} … ${end}`);
  return `${before}${begin}\n\n${figuresOf(results)}\n\n${end}${after}`;
};

const figuresOf = ({ grids, recovery, soaks }: RecordedResults): string =>
  [
    table(
      ['Promise', 'Grids', 'Cases', 'Faults', 'Lost', 'Leaked', 'Doubled'],
      Array.from({ length: promises }, (_, index) => index + 1).map((promise) => {
        const held = grids.filter((each) => each.promises.includes(promise));
        const names = [...new Set(held.map(({ grid }) => grid))];
        return [promise, names.length === 0 ? 'tests only' : names.join(', '), ...sumsOf(held).slice(0, 5)];
      }),
    ),
    table(
      ['Grid', 'What goes wrong', 'Queue', 'Cases', 'Faults', 'Lost', 'Leaked', 'Doubled', 'Different'],
      [
        ...grids.map((each) => [each.grid, each.title, each.queue, ...sumsOf([each])]),
        ['all', '', '', ...sumsOf(grids)],
      ],
    ),
    table(
      ['Recovery after SIGKILL', 'Kills', 'p50', 'p95'],
      recovery.map(({ queue: on, kills, p50Ms, p95Ms }) => [on, kills, `${p50Ms} ms`, `${p95Ms} ms`]),
    ),
    ...soaks.map(soakFiguresOf),
  ].join('\n\n');

/** @returns a soak in three tables */
export const soakFiguresOf = (soak: RecordedSoak): string => {
  const failures = Object.entries(soak.failures).map(([code, times]) => `${code} ${times}`);
  return [
    table(
      ['Soak', 'Minutes', 'Stores', 'Faults', 'Lost', 'Leaked', 'Doubled', 'Different', 'Jobs left'],
      [
        [
          soak.queue,
          soak.minutes,
          soak.stores,
          soak.faults,
          soak.lost,
          soak.leaked,
          soak.doubled,
          soak.different,
          soak.jobsLeft,
        ],
      ],
    ),
    `Failed: ${failures.length === 0 ? 'none' : failures.join(', ')}.`,
    table(
      ['Process', 'MiB, begin', 'MiB, end', 'Handles, begin', 'Handles, end'],
      soak.memory.map(({ name, begin: from, end: to }) => {
        const handles = soak.handles.find((each) => each.name === name);
        return [name, from, to, handles?.begin ?? '', handles?.end ?? ''];
      }),
    ),
    table(
      ['Rows', 'Begin', 'End'],
      soak.rows
        .filter(({ begin: from, end: to }) => from + to > 0)
        .map(({ name, begin: from, end: to }) => [name, from, to]),
    ),
  ].join('\n\n');
};

const sumsOf = (grids: readonly RecordedGrid[]): number[] =>
  (['cases', 'faults', 'lost', 'leaked', 'doubled', 'different'] as const).map((column) =>
    grids.reduce((sum, each) => sum + each[column], 0),
  );

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
