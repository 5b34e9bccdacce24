import { createHash } from 'node:crypto';
import { cp, mkdir, chown, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runProgram, type OsUser } from './run-program.ts';

export interface PostgresHome {
  readonly user: OsUser | undefined;
  readonly binaries: string;
  /** Where PostgreSQL's own data lies. */
  readonly data: string;
  /** The same, or the folder around it that holds the copied binaries, too. */
  readonly folder: string;
}

const userName = 'postgres';

/**
 * PostgreSQL refuses to run as root: then it runs as the OS user `postgres`, which is made when missing. Where that
 * user can't enter our folder (a checkout under /root), programs and data lie in a folder under /var/lib whose name is
 * made from ours.
 */
export const choosePostgresHome = async (dataDir: string, binaries: string): Promise<PostgresHome> => {
  const data = join(dataDir, 'postgres');
  const inside = { binaries, data, folder: data };
  if (process.getuid?.() !== 0) return { user: undefined, ...inside };
  const user = await ensureUser();
  if (await canRun(inside.binaries, dataDir, user)) return { user, ...inside };
  const outside = outsideFolder(dataDir);
  await mkdir(outside, { recursive: true });
  const copy = join(outside, 'binaries');
  if (!existsSync(copy)) await cp(binaries, copy, { recursive: true, verbatimSymlinks: true });
  return { user, binaries: copy, data: join(outside, 'postgres'), folder: outside };
};

export const outsideFolder = (dataDir: string): string =>
  `/var/lib/store-platform/${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12)}`;

const ensureUser = async (): Promise<OsUser> => {
  const known = await findUser();
  if (known) return known;
  await runProgram('/usr/sbin/useradd', ['--system', '--user-group', '--no-create-home', userName]);
  const made = await findUser();
  if (!made) throw new Error(`The OS user ${userName} could not be made; PostgreSQL can't run as root.`);
  return made;
};

const findUser = async (): Promise<OsUser | undefined> => {
  const line = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .find((text) => text.startsWith(`${userName}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
};

/** Tried, not computed: modes, ACLs and mounts all have a say. */
const canRun = async (binaries: string, dataDir: string, user: OsUser): Promise<boolean> => {
  try {
    await runProgram(join(binaries, 'bin/postgres'), ['--version'], { user, cwd: '/' });
    await runProgram('/bin/ls', ['-d', `${resolve(dataDir)}/.`], { user, cwd: '/' });
    return true;
  } catch {
    return false;
  }
};

/** PostgreSQL wants to own its data folder alone. */
export const makeDataFolder = async ({ data, user }: PostgresHome): Promise<void> => {
  await mkdir(data, { recursive: true, mode: 0o700 });
  if (user) await chown(data, user.uid, user.gid);
};
