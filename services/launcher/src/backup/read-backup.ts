import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { BackupError } from './backup-error.ts';
import { BackupLine, type BackupHeader, type Totals } from './backup-line.ts';

export interface Backup {
  readonly header: BackupHeader;
  readonly totals: Totals;
  /** What lies between the two. */
  content(): AsyncGenerator<BackupLine>;
}

/**
 * Reads the file once to its end, so that nothing is begun with one that is damaged.
 * @throws BackupError when it can't be read, or is no backup of ours, or was cut short.
 */
export const openBackup = async (file: string): Promise<Backup> => {
  let header: BackupHeader | undefined;
  let last: BackupLine | undefined;
  for await (const line of linesOf(file)) {
    if (!last && line.kind === 'header') header = line;
    if (!header) throw notOurs(file);
    last = line;
  }
  if (!header) throw notOurs(file);
  if (last?.kind !== 'end') throw cutShort(file);
  return { header, totals: last, content: () => linesOf(file) };
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
