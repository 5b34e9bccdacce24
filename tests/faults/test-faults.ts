import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startTemplate } from '@store-platform/shared/testing/start-template';
import { createTestDatabase } from '@store-platform/shared/testing/test-database';
import { sentenceOf } from '@store-platform/shared/process/sentence-of';
import { buildWorker } from './build-worker.ts';
import { openFaultBed, type Backend } from './fault-bed.ts';
import { allGrids } from './grids/all-grids.ts';
import { reportOf } from './report.ts';
import { runGrids, type GridResult } from './run-grids.ts';
import { wrongs } from './oracle.ts';
import { seedOfCommit } from './seeded.ts';

// `npm run test:faults`: every grid of faults, on both queues. Ends with 1 when a store was lost, leaked or doubled.

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    queue: { type: 'string' },
    seed: { type: 'string' },
    sample: { type: 'string' },
    'side-by-side': { type: 'string', default: '12' },
    verbose: { type: 'boolean', default: false },
  },
});

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Ctrl-C leaves nothing running either. */
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => reject(new Error('Interrupted.')));
});
interrupted.catch(() => undefined);

const run = async (): Promise<number> => {
  const seed = values.seed === undefined ? seedOfCommit() : Number(values.seed);
  const grids = allGrids.filter(({ name }) => !values.only || values.only.includes(name));
  const backends = (['postgres', 'redis'] as const).filter((name) => !values.queue || values.queue === name);
  say(`Seed ${seed}`);
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-faults-'));
  await chmod(folder, 0o755);
  const template = await startTemplate(folder);
  try {
    const program = await buildWorker(join(folder, 'worker'));
    const results: GridResult[] = [];
    for (const backend of backends)
      results.push(...(await runOn(backend, { program, templateUrl: template.url, seed, grids })));
    say(reportOf(results));
    return results.every(({ verdict }) => wrongs(verdict).length === 0) ? 0 : 1;
  } finally {
    await template.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

const runOn = async (
  backend: Backend,
  given: { program: string; templateUrl: string; seed: number; grids: typeof allGrids },
): Promise<GridResult[]> => {
  const database = await createTestDatabase(given.templateUrl);
  const bed = await openFaultBed({ backend, databaseUrl: database.url, program: given.program });
  try {
    const done = runGrids(bed, given.grids, {
      seed: given.seed,
      ...(values.sample !== undefined && { sample: Number(values.sample) }),
      sideBySide: Number(values['side-by-side']),
      onCase: (grid, { name }, { verdict }) => {
        const wrong = wrongs(verdict);
        if (values.verbose || wrong.length > 0)
          say([`${grid.name} on ${backend}: ${name}`, ...wrong].join('\n  '));
      },
    });
    return await Promise.race([done, interrupted]);
  } catch (error) {
    say(bed.output().slice(-5000));
    throw error;
  } finally {
    await bed.close();
    await database.drop();
  }
};

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  // What was under way when it was interrupted would go on.
  process.exit(1);
}
