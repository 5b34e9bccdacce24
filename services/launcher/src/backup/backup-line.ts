import { z } from 'zod';

export const formatName = 'store-platform-backup';

const Sequence = z.object({ name: z.string(), last: z.number().int() });

/** What a backup has in all; its last line, so that a file that was cut short lacks it. */
const Totals = z.object({
  kind: z.literal('end'),
  /** Rows by table. */
  tables: z.record(z.string(), z.number().int()),
  files: z.number().int(),
  /** Of those files. */
  bytes: z.number().int(),
});
export type Totals = z.infer<typeof Totals>;

const insideFolder = (path: string): boolean => {
  const [first, ...parts] = path.split('/');
  return (
    first === 'cluster' && parts.every((part) => !['', '.', '..'].includes(part)) && !path.includes('\0')
  );
};

/** Below the data folder, and never out of it. */
const FilePath = z.string().refine(insideFolder);

/** A backup is a gzip of lines of JSON: the header, the rows table by table, sequences, files in pieces, the totals. */
export const BackupLine = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('header'),
    format: z.literal(formatName),
    schema: z.number().int(),
    madeAt: z.iso.datetime(),
  }),
  z.object({
    kind: z.literal('rows'),
    table: z.string(),
    rows: z.array(z.record(z.string(), z.unknown())),
  }),
  z.object({ kind: z.literal('sequence'), ...Sequence.shape }),
  z.object({ kind: z.literal('file'), path: FilePath, base64: z.base64() }),
  Totals,
]);
export type BackupLine = z.infer<typeof BackupLine>;
export type BackupHeader = Extract<BackupLine, { kind: 'header' }>;
