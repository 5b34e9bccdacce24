import { spawn } from 'node:child_process';

/** The OS user under which PostgreSQL runs; undefined for the one that runs us. */
export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Runs a program to its end, with no shell.
 * @throws Error with the program's own last words when it ends with another code than 0.
 */
export const runProgram = (
  path: string,
  args: readonly string[],
  { user, cwd }: { user?: OsUser | undefined; cwd?: string } = {},
): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd,
      env: programEnvironment,
      ...user,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    // Not `close`: the server that pg_ctl leaves running keeps the pipes open.
    child.on('exit', (code) => {
      child.stdout.destroy();
      child.stderr.destroy();
      if (code === 0) resolve(output);
      else reject(new Error(`${path.split('/').at(-1)} ended with ${code}: ${output.trim().slice(-500)}`));
    });
  });

const programEnvironment = { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
