import type { BackupReport } from './back-up.ts';

/** What a backup holds, in lines for whoever asked for it. */
export const describeBackup = ({ schema, madeAt, tables, files, bytes }: BackupReport): string => {
  const counts = Object.entries(tables);
  const width = Math.max(...counts.map(([table]) => table.length));
  const rows = counts.reduce((sum, [, count]) => sum + count, 0);
  return [
    `Of ${madeAt}, schema ${schema}: ${counts.length} tables, ${rows} rows`,
    ...counts.map(([table, count]) => `  ${table.padEnd(width)}  ${count}`),
    files > 0
      ? `The emulated cluster with its shops: ${files} files, ${bytes} bytes`
      : 'No emulated cluster: what lies in a real one is not in it',
  ].join('\n');
};
