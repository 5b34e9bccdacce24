import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { BackupError } from './backup-error.ts';
import { BackupLine, type BackupHeader, type Totals } from './backup-line.ts';

export interface Backup {
  readonly header: BackupHeader;
  /** What follows the header, without the totals. Ends only when the file holds all that it says. */
  content(): AsyncGenerator<BackupLine>;
  /** Once the content was read to its end. */
  totals(): Totals | undefined;
}

/** @throws BackupError when the file can't be read, or is no backup of ours, or was cut short. */
export const readBackup = async <T>(file: string, work: (backup: Backup) => Promise<T>): Promise<T> => {
  const lines = linesOf(file);
  try {
    const first = await lines.next();
    if (first.done || first.value.kind !== 'header') throw notOurs(file);
    let totals: Totals | undefined;
    const content = async function* (): AsyncGenerator<BackupLine> {
      for await (const line of lines) {
        if (line.kind === 'end') totals = line;
        else yield line;
      }
      if (!totals) throw cutShort(file);
    };
    return await work({ header: first.value, content, totals: () => totals });
  } finally {
    await lines.return(undefined);
  }
};

const linesOf = async function* (file: string): AsyncGenerator<BackupLine> {
  const handle = await open(file).catch((error: unknown) => {
    throw new BackupError(`The file ${file} can't be read: is its path right, and may this user read it?`, {
      cause: error,
    });
  });
  const packed = handle.createReadStream();
  const unpacked = createGunzip();
  packed.on('error', (error) => unpacked.destroy(error));
  try {
    for await (const line of splitLines(packed.pipe(unpacked).setEncoding('utf8'))) yield parse(line, file);
  } catch (error) {
    throw asSentence(error, file);
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
};

const splitLines = async function* (text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of text) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest) yield rest;
};

const parse = (line: string, file: string): BackupLine => {
  try {
    return BackupLine.parse(JSON.parse(line));
  } catch (error) {
    throw notOurs(file, error);
  }
};

const asSentence = (error: unknown, file: string): unknown => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') return cutShort(file);
  return code === 'EISDIR' || code.startsWith('Z_') ? notOurs(file, error) : error;
};

const notOurs = (file: string, cause?: unknown): BackupError =>
  new BackupError(`The file ${file} is not a backup of Store Platform, or it is damaged.`, { cause });

const cutShort = (file: string): BackupError =>
  new BackupError(`The file ${file} was cut short: it lacks its end. Take another backup.`);
