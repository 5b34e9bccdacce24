import type { GridResult } from './run-grids.ts';

const columns = [
  'grid',
  'queue',
  'cases',
  'faults',
  'lost',
  'leaked',
  'doubled',
  'different',
  'seconds',
] as const;

const cellsOf = ({ grid, backend, cases, injected, verdict, seconds }: GridResult): string[] => [
  grid.name,
  backend,
  String(cases),
  String(injected),
  String(verdict.lost.length),
  String(verdict.leaked.length),
  String(verdict.doubled.length),
  String(verdict.different.length),
  seconds.toFixed(0),
];

/** The grids and their counts, a line each, and their sum. */
export const reportOf = (results: readonly GridResult[]): string => {
  const rows = results.map(cellsOf);
  const sum = columns.map((column, index) => {
    if (column === 'grid') return 'all';
    if (column === 'queue') return '';
    return String(rows.reduce((total, row) => total + Number(row[index]), 0));
  });
  const table: readonly (readonly string[])[] = [columns, ...rows, sum];
  const widths = columns.map((_, index) => Math.max(...table.map((row) => row[index]?.length ?? 0)));
  const isText = (index: number) => index < 2;
  return table
    .map((row) =>
      row
        .map((cell, index) =>
          isText(index) ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
