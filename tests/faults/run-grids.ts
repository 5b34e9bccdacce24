import { performance } from 'node:perf_hooks';
import type { FaultBed } from './fault-bed.ts';
import type { Backend } from './platform-bed.ts';
import { reporting, type CaseResult, type FaultCase, type Grid, type Ground } from './fault-case.ts';
import { lookWithoutFaults } from './look-without-faults.ts';
import { blameless, joinVerdicts, judgeBed, settled, type Verdict } from './oracle.ts';
import { seeded, shuffled } from './seeded.ts';
import { sideBySide } from './side-by-side.ts';

/** One row of the report. */
export interface GridResult {
  readonly grid: Grid;
  readonly backend: Backend;
  readonly cases: number;
  readonly injected: number;
  readonly verdict: Verdict;
  readonly seconds: number;
}

export interface RunOptions {
  readonly seed: number;
  /** How many cases of each grid; unset, all. */
  readonly sample?: number;
  /** Cases that share the bed at a time. */
  readonly sideBySide: number;
  /** Only cases whose name this finds; unset, all. */
  readonly only?: RegExp;
  onCase?(grid: Grid, faultCase: FaultCase, result: CaseResult): void;
  /** What comes later may be interrupted. */
  onGrid?(result: GridResult): void;
}

/** Puts one bed through these grids, in order; in the end nothing may be left of any store. */
export const runGrids = async (
  bed: FaultBed,
  grids: readonly Grid[],
  options: RunOptions,
): Promise<GridResult[]> => {
  const { reference, points } = await lookWithoutFaults(bed);
  const results: GridResult[] = [];
  for (const [number, grid] of grids.entries()) {
    const begin = performance.now();
    const random = seeded(options.seed + number);
    const crowd = options.sample === undefined ? 100 : 4;
    const cases = shuffled(grid.cases({ seed: options.seed, points, crowd }), random)
      .filter(({ name }) => options.only?.test(name) ?? true)
      .slice(0, options.sample);
    const run = async (faultCase: FaultCase): Promise<CaseResult> => {
      const result = await untilMet(faultCase, { bed, reference });
      options.onCase?.(grid, faultCase, result);
      return result;
    };
    const shared = cases.filter(({ alone }) => !alone);
    const done = await sideBySide(shared, options.sideBySide, run);
    for (const faultCase of cases.filter(({ alone }) => alone)) done.push(await run(faultCase));
    await bed.workers.whole();
    const left = await reporting(() => settled(() => judgeBed(bed), clearingMs));
    const result = {
      grid,
      backend: bed.backend,
      cases: cases.length,
      injected: done.reduce((sum, { injected }) => sum + injected, 0),
      verdict: joinVerdicts([...done.map(({ verdict }) => verdict), left]),
      seconds: (performance.now() - begin) / 1000,
    };
    results.push(result);
    options.onGrid?.(result);
  }
  return results;
};

/** The queue may still be clearing away what the last store has left. */
const clearingMs = 5000;
const tries = 3;

/** What was wrong at any try stays wrong; a fault that was met at none is a difference. */
const untilMet = async (faultCase: FaultCase, ground: Ground): Promise<CaseResult> => {
  const results = [await faultCase.run(ground)];
  while (results.at(-1)?.unmet !== undefined && results.length < tries)
    results.push(await faultCase.run(ground));
  const unmet = results.at(-1)?.unmet;
  const different = unmet === undefined ? [] : [unmet];
  return {
    injected: results.reduce((sum, { injected }) => sum + injected, 0),
    verdict: joinVerdicts([...results.map(({ verdict }) => verdict), { ...blameless, different }]),
  };
};
