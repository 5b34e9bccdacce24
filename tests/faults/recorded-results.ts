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

/** What `docs/reliability.json` holds: `npm run test:faults -- --write` writes it. */
export const RecordedResults = z.object({
  grids: z.array(RecordedGrid),
  recovery: z.array(RecordedRecovery),
});
export type RecordedResults = z.infer<typeof RecordedResults>;

/** @returns what was recorded, with the new in the place of the old of the same grid and queue. */
export const withNewer = (recorded: RecordedResults, newer: RecordedResults): RecordedResults => {
  const keyOf = ({ grid, queue: on }: RecordedGrid) => `${grid} ${on}`;
  const grids = new Map([...recorded.grids, ...newer.grids].map((each) => [keyOf(each), each]));
  const recovery = new Map([...recorded.recovery, ...newer.recovery].map((each) => [each.queue, each]));
  return { grids: [...grids.values()], recovery: [...recovery.values()] };
};

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

const figuresOf = ({ grids, recovery }: RecordedResults): string =>
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
  ].join('\n\n');

const sumsOf = (grids: readonly RecordedGrid[]): number[] =>
  (['cases', 'faults', 'lost', 'leaked', 'doubled', 'different'] as const).map((column) =>
    grids.reduce((sum, each) => sum + each[column], 0),
  );

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
