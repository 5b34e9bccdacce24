import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeWithProgram } from '@store-platform/shared/testing/describe-with-program';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { buildWorker } from './faults/build-worker.ts';
import { openFaultBed } from './faults/fault-bed.ts';
import type { Backend } from './faults/platform-bed.ts';
import { allGrids } from './faults/grids/all-grids.ts';
import { wrongs } from './faults/oracle.ts';
import { reportOf } from './faults/report.ts';
import { runGrids } from './faults/run-grids.ts';
import { seedOfCommit } from './faults/seeded.ts';

/** Of each grid, on the one queue or the other by the commit's seed; `npm run test:faults` runs all on both. */
const sample = 1;
const backends: readonly Backend[] = ['postgres', 'redis'];

const expectNothingLost = async (backend: Backend): Promise<void> => {
  const seed = seedOfCommit();
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { url } = await useTestDatabase();
  const bed = await openFaultBed({
    backend,
    databaseUrl: url,
    program: await buildWorker(folder),
    workers: 2,
  });
  onTestFinished(() => bed.close());
  const grids = allGrids.filter((_grid, index) => backends[(index + seed) % backends.length] === backend);
  const results = await runGrids(bed, grids, { seed, sample, sideBySide: 6 });
  process.stdout.write(`A sample of the faults, by the commit's seed ${seed}:\n${reportOf(results)}\n`);
  expect(results.flatMap(({ verdict }) => wrongs(verdict))).toEqual([]);
};

const timeoutMs = 400_000;

it(
  'no store is lost, leaked or doubled by faults, with its queue in PostgreSQL',
  () => expectNothingLost('postgres'),
  timeoutMs,
);

describeWithProgram('redis-server', 'no store', () => {
  it('is lost, leaked or doubled by faults either', () => expectNothingLost('redis'), timeoutMs);
});
