import { readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CommandIo, PlacedContainer } from '../pod-runtime.ts';

const killedCode = 137;
const notFoundCode = 127;

/** Where a command runs, and as whom. */
interface Place {
  readonly container: PlacedContainer;
  readonly io: CommandIo;
  readonly uid: string;
  readonly env: Readonly<Record<string, string>>;
}

type Tool = (args: readonly string[], place: Place) => Promise<number> | number;

/**
 * The few programs that a stand-in container really has: enough to see how a pod fares. They behave as the ones of GNU.
 * @returns the exit code; undefined for a program that there is not
 */
export const runTool = (
  container: PlacedContainer,
  command: readonly string[],
  io: CommandIo,
): Promise<number> | undefined =>
  start(command, { container, io, uid: '0', env: { PATH: '/usr/bin:/bin', ...container.env } });

const start = ([program = '', ...args]: readonly string[], place: Place): Promise<number> | undefined => {
  const tool = tools[posix.basename(program)];
  return tool && (async () => tool(args, place))();
};

/** A program that starts another one in its place. */
const become = (starter: string, command: readonly string[], place: Place): Promise<number> | number => {
  const started = start(command, place);
  if (started) return started;
  place.io.stderr.write(`${starter}: '${command[0]}': No such file or directory\n`);
  return notFoundCode;
};

/** Until the container or its reader goes. */
const forEver = (signal: AbortSignal): Promise<number> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(killedCode);
    signal.addEventListener('abort', () => resolve(killedCode), { once: true });
  });

const tools: Readonly<Record<string, Tool>> = {
  true: () => 0,
  false: () => 1,
  echo: (words, { io }) => {
    io.stdout.write(`${words.join(' ')}\n`);
    return 0;
  },
  sleep: async ([time = ''], { io }) => {
    const seconds = Number(time);
    if (time === '' || Number.isNaN(seconds)) {
      io.stderr.write(`sleep: invalid time interval '${time}'\n`);
      return 1;
    }
    return pause(seconds * 1000, 0, { signal: io.signal }).catch(() => killedCode);
  },
  cat: (paths, place) => Math.max(0, ...paths.map((path) => show('cat', path, place))),
  /** `-f FILE` waits for more, which never comes; an endless file fills the memory until the container is killed for it. */
  tail: (args, place) => {
    const path = args.at(-1) ?? '';
    if (path === '/dev/zero') return killedCode;
    const code = show('tail', path, place);
    return code === 0 && args.includes('-f') ? forEver(place.io.signal) : code;
  },
  id: (args, { io, uid }) => {
    io.stdout.write(args.includes('-u') ? `${uid}\n` : `uid=${uid} gid=${uid}\n`);
    return 0;
  },
  env: (args, place) => {
    const program = args.findIndex((arg) => !arg.includes('='));
    const given = program < 0 ? args : args.slice(0, program);
    const pairs = given.map((arg): [string, string] => [
      arg.slice(0, arg.indexOf('=')),
      arg.slice(arg.indexOf('=') + 1),
    ]);
    const env = { ...place.env, ...Object.fromEntries(pairs) };
    if (program >= 0) return become('env', args.slice(program), { ...place, env });
    for (const [name, value] of Object.entries(env)) place.io.stdout.write(`${name}=${value}\n`);
    return 0;
  },
  setpriv: (args, place) => {
    const program = args.findIndex((arg) => !arg.startsWith('-'));
    const [, uid = place.uid] = /^--reuid=(\d+)$/m.exec(args.join('\n')) ?? [];
    return become('setpriv', program < 0 ? [''] : args.slice(program), { ...place, uid });
  },
};

const show = (tool: string, path: string, { container, io }: Place): number => {
  const file = fileBehind(container, path);
  try {
    if (file === undefined) throw new Error('outside of the mounts');
    io.stdout.write(readFileSync(file));
    return 0;
  } catch {
    const what = tool === 'tail' ? `tail: cannot open '${path}' for reading` : `${tool}: ${path}`;
    io.stderr.write(`${what}: No such file or directory\n`);
    return 1;
  }
};

/** A stand-in's whole file system are its mounts. */
const fileBehind = ({ mounts }: PlacedContainer, path: string): string | undefined => {
  const whole = posix.normalize(path);
  const mount = Object.keys(mounts).find((prefix) => whole.startsWith(`${prefix}/`));
  const folder = mount === undefined ? undefined : mounts[mount];
  return folder && mount ? join(folder, relative(mount, whole)) : undefined;
};
