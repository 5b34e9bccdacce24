import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { processIdentity } from '@store-platform/shared/process/process-identity';
import { StartError } from './start-error.ts';

const RecordedProcess = z.object({ name: z.string(), pid: z.number().int(), identity: z.string() });
export type RecordedProcess = z.infer<typeof RecordedProcess>;

const Lock = z.object({ launcher: RecordedProcess, services: z.array(RecordedProcess) });
type Lock = z.infer<typeof Lock>;

/** The data folder while one launcher holds it. */
export interface DataFolder {
  /** What a launcher that was killed left running. */
  readonly leftovers: readonly RecordedProcess[];
  /** Writes down a service, so that the next launcher finds it if this one is killed. */
  record(name: string, pid: number): void;
  release(): void;
}

/**
 * One launcher a data folder: the lock names its process, and counts only while that process lives.
 * @throws StartError when the folder isn't writable or another launcher holds it.
 */
export const claimDataFolder = (folder: string): DataFolder => {
  makeWritable(folder);
  const path = join(folder, 'launcher.lock');
  const leftovers = takeOver(path);
  const launcher = identify('launcher', process.pid);
  let services: RecordedProcess[] = [];
  const lock = (): string => JSON.stringify({ launcher, services } satisfies Lock, undefined, 2);
  if (!createOnce(path, lock())) throw held(folder, undefined);
  return {
    leftovers,
    record: (name, pid) => {
      services = [...services.filter((service) => service.name !== name), identify(name, pid)];
      replace(path, lock());
    },
    release: () => rmSync(path, { force: true }),
  };
};

const makeWritable = (folder: string): void => {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(
      `The data folder ${folder} is not writable: let this user write there, or set DATA_DIR to another folder.`,
      { cause: error },
    );
  }
};

/** @returns the processes that use this folder: its launcher, or what a killed one left running. Nothing is changed. */
export const usersOf = (folder: string): readonly RecordedProcess[] => {
  const lock = parse(readText(join(folder, 'launcher.lock')) ?? '');
  return lock ? [lock.launcher, ...lock.services].filter(runs) : [];
};

/** One by one: Node's own `recursive` never ends where a file system says that a folder's parent is missing, as /proc does. */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
};

const held = (folder: string, pid: number | undefined): StartError =>
  new StartError(
    `Another \`npm start\`${pid ? ` (process ${pid})` : ''} uses the data folder ${folder}: stop it first, or set DATA_DIR (and the ports) for a second one.`,
  );

/** @returns the services of a dead launcher, whose lock is then gone. */
const takeOver = (path: string): readonly RecordedProcess[] => {
  const found = readText(path);
  if (found === undefined) return [];
  const lock = parse(found);
  if (lock && runs(lock.launcher)) throw held(join(path, '..'), lock.launcher.pid);
  // Renamed, not removed: if another launcher took over in between, its fresh lock is put back.
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    throw held(join(path, '..'), undefined);
  }
  const fresh = readText(aside) !== found;
  if (fresh) linkSync(aside, path);
  rmSync(aside);
  if (fresh) throw held(join(path, '..'), undefined);
  return lock?.services.filter(runs) ?? [];
};

const identify = (name: string, pid: number): RecordedProcess => ({
  name,
  pid,
  identity: processIdentity(pid) ?? 'ended',
});

export const runs = ({ pid, identity }: RecordedProcess): boolean => processIdentity(pid) === identity;

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** A lock that a power cut left half written belongs to nobody. */
const parse = (text: string): Lock | undefined => {
  try {
    return Lock.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

/** @returns whether it was ours to create. */
const createOnce = (path: string, text: string): boolean => {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

const replace = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};
