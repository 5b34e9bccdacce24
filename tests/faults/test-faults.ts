import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startTemplate } from '@store-platform/shared/testing/start-template';
import { createTestDatabase } from '@store-platform/shared/testing/test-database';
import { sentenceOf } from '@store-platform/shared/process/sentence-of';
import { buildWorker } from './build-worker.ts';
import { workerTiming } from '../../services/worker/src/worker-timing.ts';
import { openFaultBed, type FaultBed, type FaultBedOptions } from './fault-bed.ts';
import type { Grid } from './fault-case.ts';
import { allGrids } from './grids/all-grids.ts';
import { measureRecovery } from './measure-recovery.ts';
import { RecordedResults, withFigures, withNewer, type RecordedGrid } from './recorded-results.ts';
import { reportOf } from './report.ts';
import { runGrids, type GridResult } from './run-grids.ts';
import { wrongs } from './oracle.ts';
import { seedOfCommit } from './seeded.ts';

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

/** Ctrl-C leaves nothing running either. */
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => reject(new Error('Interrupted.')));
});
interrupted.catch(() => undefined);

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
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-faults-'));
  await chmod(folder, 0o755);
  const template = await startTemplate(folder);
  try {
    const program = await buildWorker(join(folder, 'worker'));
    const results: GridResult[] = [];
    for (const backend of backends) {
      const given = { backend, program, templateUrl: template.url };
      if (grids.length > 0) results.push(...(await onBed(given, (bed) => runOn(bed, grids, seed))));
      if (isWanted(recovery)) {
        const took = await onBed({ ...given, settings: { timing: workerTiming } }, measured);
        say(`recovery after ${took.kills} kills on ${backend}: p50 ${took.p50Ms} ms, p95 ${took.p95Ms} ms`);
        if (values.write) await record({ grids: [], recovery: [{ queue: backend, ...took }] });
      }
    }
    say(reportOf(results));
    return results.every(({ verdict }) => wrongs(verdict).length === 0) ? 0 : 1;
  } finally {
    await template.stop();
    await rm(folder, { recursive: true, force: true });
  }
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
    onGrid: async (result) => {
      say(reportOf([result]).split('\n')[1] ?? '');
      if (values.write) await record({ grids: [recordedGrid(result)], recovery: [] });
    },
  });

const onBed = async <T>(
  { templateUrl, ...given }: { templateUrl: string } & Omit<FaultBedOptions, 'databaseUrl'>,
  work: (bed: FaultBed) => Promise<T>,
): Promise<T> => {
  const database = await createTestDatabase(templateUrl);
  const bed = await openFaultBed({ ...given, databaseUrl: database.url });
  try {
    return await Promise.race([work(bed), interrupted]);
  } catch (error) {
    say(bed.output().slice(-5000));
    throw error;
  } finally {
    await bed.close();
    await database.drop();
  }
};

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

const record = async (results: RecordedResults): Promise<void> => {
  const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
  const [file, page] = [join(docs, 'reliability.json'), join(docs, 'reliability.md')];
  const recorded = RecordedResults.parse(JSON.parse(await readFile(file, 'utf8')));
  const newer = withNewer(recorded, results);
  await writeFile(file, `${JSON.stringify(newer, undefined, 2)}\n`);
  await writeFile(page, withFigures(await readFile(page, 'utf8'), newer));
};

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  // What was under way when it was interrupted would go on.
  process.exit(1);
}
