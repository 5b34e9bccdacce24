import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import type { KubeObject } from './object-store.ts';

/** One change, as a line of JSON. */
export type Entry =
  | { readonly op: 'put'; readonly group: string; readonly plural: string; readonly object: KubeObject }
  | {
      readonly op: 'remove';
      readonly group: string;
      readonly plural: string;
      readonly key: string;
      readonly version: number;
    };

export interface Journal {
  /** What earlier runs wrote, oldest first. A torn last line is ignored. */
  read(): Entry[];
  append(entry: Entry): void;
  /** Starts the file anew with these entries, so that it doesn't grow for ever. */
  compact(entries: readonly Entry[]): void;
  close(): void;
}

/** @param path a file; undefined keeps nothing, for tests. */
export const openJournal = (path: string | undefined): Journal => {
  if (!path) return { read: () => [], append: () => {}, compact: () => {}, close: () => {} };
  let file: number | undefined;
  const close = () => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  return {
    read: () => (existsSync(path) ? parseLines(readFileSync(path, 'utf8')) : []),
    append: (entry) => {
      file ??= openSync(path, 'a', 0o600);
      writeSync(file, `${JSON.stringify(entry)}\n`);
    },
    compact: (entries) => {
      close();
      writeFileSync(`${path}.new`, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), {
        mode: 0o600,
      });
      renameSync(`${path}.new`, path);
    },
    close,
  };
};

const parseLines = (text: string): Entry[] => {
  const lines = text.split('\n');
  // Whole lines end with a line break: what follows the last one was cut off while it was written.
  lines.pop();
  return lines.filter(Boolean).map((line) => JSON.parse(line));
};
