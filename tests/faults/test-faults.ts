import { parseArgs } from 'node:util';
import { sentenceOf } from '@store-platform/shared/process/sentence-of';
import { workerTiming } from '../../services/worker/src/worker-timing.ts';
import type { FaultBed } from './fault-bed.ts';
import type { Grid } from './fault-case.ts';
import { allGrids } from './grids/all-grids.ts';
import { measureRecovery } from './measure-recovery.ts';
import { record, type RecordedGrid } from './recorded-results.ts';
import { reportOf } from './report.ts';
import { runGrids, type GridResult } from './run-grids.ts';
import { wrongs } from './oracle.ts';
import { seedOfCommit } from './seeded.ts';
import { withBeds } from './with-beds.ts';

// `npm run test:faults`: every grid of faults, on both queues, and how long it takes until another worker goes on. Ends
// with 1 when a store was lost, leaked or doubled. `--write` records the results in docs/reliability.json and its page.
// `--only GRID`, `--case WORDS` (of its name, as a regular expression), `--queue`, `--seed` and `--sample` narrow it.

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    case: { type: 'string' },
    queue: { type: 'string' },
    seed: { type: 'string' },
    sample: { type: 'string' },
    'side-by-side': { type: 'string', default: '12' },
    verbose: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

/** As `--only` names it: no grid, a measure. */
const recovery = 'recovery';
const isWanted = (name: string): boolean => !values.only || values.only.includes(name);

const say = (text: string) => process.stdout.write(`${text}\n`);

const run = async (): Promise<number> => {
  const seed = values.seed === undefined ? seedOfCommit() : Number(values.seed);
  const grids = allGrids.filter(({ name }) => isWanted(name));
  const unknown = (values.only ?? []).filter(
    (name) => name !== recovery && !allGrids.some((grid) => grid.name === name),
  );
  if (unknown.length > 0)
    throw new Error(
      `There is no grid ${unknown.join(', ')}; there are ${[...allGrids.map(({ name }) => name), recovery].join(', ')}.`,
    );
  if (values.write && (values.sample ?? values.case) !== undefined)
    throw new Error('A part of a grid is not recorded: leave out --sample and --case, or --write.');
  const backends = (['postgres', 'redis'] as const).filter((name) => !values.queue || values.queue === name);
  say(`Seed ${seed}`);
  return withBeds(async (onBed) => {
    // Most of a fault's time is spent in waiting for it to be noticed: the queues share the machine.
    const runs =
      grids.length === 0
        ? []
        : backends.map((backend) => onBed({ backend }, (bed) => runOn(bed, grids, seed)));
    // A bed that breaks down leaves the other its time to end in good order.
    await Promise.allSettled(runs);
    const results = (await Promise.all(runs)).flat();
    for (const backend of isWanted(recovery) ? backends : []) {
      const took = await onBed({ backend, settings: { timing: workerTiming } }, measured);
      say(`recovery after ${took.kills} kills on ${backend}: p50 ${took.p50Ms} ms, p95 ${took.p95Ms} ms`);
      if (values.write) record({ recovery: [{ queue: backend, ...took }] });
    }
    say(reportOf(results));
    return results.every(({ verdict }) => wrongs(verdict).length === 0) ? 0 : 1;
  });
};

const kills = 30;
const measured = (bed: FaultBed) =>
  measureRecovery(bed, values.sample === undefined ? kills : Number(values.sample));

const runOn = (bed: FaultBed, grids: readonly Grid[], seed: number): Promise<GridResult[]> =>
  runGrids(bed, grids, {
    seed,
    ...(values.sample !== undefined && { sample: Number(values.sample) }),
    ...(values.case !== undefined && { only: new RegExp(values.case) }),
    sideBySide: Number(values['side-by-side']),
    onCase: (grid, { name }, { verdict }) => {
      const wrong = wrongs(verdict);
      if (values.verbose || wrong.length > 0)
        say([`${grid.name} on ${bed.backend}: ${name}`, ...wrong].join('\n  '));
    },
    onGrid: (result) => {
      say(reportOf([result]).split('\n')[1] ?? '');
      if (values.write) record({ grids: [recordedGrid(result)] });
    },
  });

const recordedGrid = ({ grid, backend, cases, injected, verdict }: GridResult): RecordedGrid => ({
  grid: grid.name,
  title: grid.title,
  promises: [...grid.promises],
  queue: backend,
  cases,
  faults: injected,
  lost: verdict.lost.length,
  leaked: verdict.leaked.length,
  doubled: verdict.doubled.length,
  different: verdict.different.length,
});

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  // What was under way when it was interrupted would go on.
  process.exit(1);
}
