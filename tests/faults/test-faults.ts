import { parseArgs } from 'node:util';
import { sentenceOf } from '@store-platform/shared/process/sentence-of';
import { workerTiming } from '../../services/worker/src/worker-timing.ts';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { namedCluster } from '../cluster/named-cluster.ts';
import { openClusterBed } from './cluster/open-cluster-bed.ts';
import { runOnCluster } from './cluster/run-on-cluster.ts';
import { openFaultBed, type FaultBed } from './fault-bed.ts';
import type { Grid } from './fault-case.ts';
import { allGrids } from './grids/all-grids.ts';
import { measureRecovery } from './measure-recovery.ts';
import { record, type RecordedGrid } from './recorded-results.ts';
import type { Backend, PlatformBedOptions } from './platform-bed.ts';
import { reportOf } from './report.ts';
import { runGrids, type GridResult } from './run-grids.ts';
import { wrongs } from './oracle.ts';
import { seedOfCommit } from './seeded.ts';
import { withBeds } from './with-beds.ts';

// `npm run test:faults`: every grid of faults, on both queues, and how long it takes until another worker goes on. Ends
// with 1 when a store was lost, leaked or doubled. `--write` records the results in docs/reliability.json and its page.
// `--cluster` does what makes sense on the cluster that KUBE_CONTEXT names, and nothing else.
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
    cluster: { type: 'boolean', default: false },
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
  if (values.cluster) return runOnNamedCluster(backends[0] ?? 'postgres');
  say(`Seed ${seed}`);
  return withBeds(async (onBed) => {
    // Most of a fault's time is spent in waiting for it to be noticed: the queues share the machine.
    const runs =
      grids.length === 0
        ? []
        : backends.map((backend) =>
            onBed(
              (given) => openFaultBed({ ...given, backend }),
              (bed) => runOn(bed, grids, seed),
            ),
          );
    // A bed that breaks down leaves the other its time to end in good order.
    await Promise.allSettled(runs);
    const results = (await Promise.all(runs)).flat();
    const recoveries = isWanted(recovery) ? backends : [];
    await Promise.all(
      recoveries.map(async (backend) => {
        const took = await onBed(
          (given) => openFaultBed({ ...given, backend, settings: { timing: workerTiming } }),
          measured,
        );
        say(`recovery after ${took.kills} kills on ${backend}: p50 ${took.p50Ms} ms, p95 ${took.p95Ms} ms`);
        if (values.write) record({ recovery: [{ queue: backend, ...took }] });
      }),
    );
    return conclude(results);
  });
};

const conclude = (results: readonly GridResult[]): number => {
  say(reportOf(results));
  return results.every(({ verdict }) => wrongs(verdict).length === 0) ? 0 : 1;
};

const onlyCase = values.case === undefined ? undefined : new RegExp(values.case);

const runOnNamedCluster = (backend: Backend): Promise<number> => {
  // As it was named: building the worker sets NODE_ENV.
  const environment = { ...withDotEnv(process.env, process.cwd()) };
  say(`On the cluster of the context "${namedCluster(environment).name}"`);
  return withBeds(async (onBed) => {
    const open = (given: Pick<PlatformBedOptions, 'databaseUrl' | 'program'>) =>
      openClusterBed({ ...given, backend }, environment);
    const result = await onBed(open, (bed) => runOnCluster(bed, { only: onlyCase, say }));
    for (const wrong of wrongs(result.verdict)) say(wrong);
    if (values.write) record({ grids: [recordedGrid(result)] });
    return conclude([result]);
  });
};

const kills = 30;
const measured = (bed: FaultBed) =>
  measureRecovery(bed, values.sample === undefined ? kills : Number(values.sample));

const runOn = (bed: FaultBed, grids: readonly Grid[], seed: number): Promise<GridResult[]> =>
  runGrids(bed, grids, {
    seed,
    ...(values.sample !== undefined && { sample: Number(values.sample) }),
    ...(onlyCase && { only: onlyCase }),
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
