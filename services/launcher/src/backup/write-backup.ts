import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { link, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { BackupError } from './backup-error.ts';
import type { BackupLine } from './backup-line.ts';

export type WriteLine = (line: BackupLine) => Promise<void>;

/**
 * Written beside its place, for the owner alone, and put there when it is whole and on the disk. A file that is there
 * already stays.
 * @returns how large it became, in bytes.
 * @throws BackupError when the file is there or can't be written.
 */
export const writeBackup = async (
  file: string,
  fill: (write: WriteLine) => Promise<void>,
  signal: AbortSignal,
): Promise<number> => {
  const part = `${file}.part`;
  try {
    if (existsSync(file)) throw new BackupError(`The file ${file} ${reasons.EEXIST}`);
    await rm(part, { force: true });
    await writeLines(part, fill, signal);
    // Unlike a rename, a link fails when somebody else's file is there.
    await link(part, file);
    await syncFolder(dirname(file));
    return (await stat(file)).size;
  } catch (error) {
    throw signal.aborted ? signal.reason : asSentence(error, file);
  } finally {
    await rm(part, { force: true }).catch(() => {});
  }
};

const writeLines = async (
  path: string,
  fill: (write: WriteLine) => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  const output = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  await once(output, 'open');
  const gzip = createGzip();
  const packed = pipeline(gzip, output, { signal });
  const filled = fill(async (line) => {
    signal.throwIfAborted();
    if (!gzip.write(`${JSON.stringify(line)}\n`)) await once(gzip, 'drain');
  }).then(
    () => gzip.end(),
    (error) => gzip.destroy(error),
  );
  await Promise.all([packed, filled]);
};

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const reasons = {
  EEXIST: 'is there already: name another file, or move this one away.',
  ENOENT: 'lies in a folder that does not exist: make the folder first.',
  ENOTDIR: 'lies in something that is no folder.',
  EACCES: 'may not be written by this user.',
  ENOSPC: 'does not fit on its disk: make room, or name a file elsewhere.',
};

const asSentence = (error: unknown, file: string): unknown => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = new Map(Object.entries(reasons)).get(code);
  return reason ? new BackupError(`The file ${file} ${reason}`, { cause: error }) : error;
};
