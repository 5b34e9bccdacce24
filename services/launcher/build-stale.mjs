// Builds what is stale. Plain JavaScript: it runs before anything is built.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Each part: what it is made of, what must be there, and the command that makes it. */
const partsOf = (dev) => {
  const projects = ['services/launcher'];
  if (!dev) projects.push('services/api', 'services/worker', 'services/cluster-emulator', 'dashboard/server');
  const programs = {
    name: dev ? 'the launcher' : 'the services',
    sources: ['shared/src', 'shared/package.json', 'tsconfig.base.json'].concat(
      projects.flatMap((project) => [`${project}/src`, `${project}/tsconfig.json`]),
    ),
    outputs: projects.map((project) => `${project}/dist/main.js`),
    tool: 'node_modules/typescript/bin/tsc',
    args: ({ force }) => ['-b', ...(force ? ['--force'] : []), ...projects],
    cwd: root,
  };
  const pages = {
    name: 'the dashboard',
    sources: ['src', 'public', 'index.html', 'vite.config.ts', 'package.json', '../shared/src/contract'].map(
      (path) => `dashboard/${path}`,
    ),
    outputs: ['dashboard/dist/index.html'],
    tool: 'node_modules/vite/bin/vite.js',
    args: () => ['build', '--logLevel', 'warn'],
    cwd: join(root, 'dashboard'),
  };
  return dev ? [programs] : [programs, pages];
};

const newest = (path) => {
  if (!existsSync(path)) return 0;
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  // The folder's own time tells of files that were removed.
  return Math.max(info.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
};

const stampOf = ({ name }) => join(root, 'node_modules/.cache/store-platform', name.replaceAll(' ', '-'));

const isStale = (part) => {
  if (part.outputs.some((path) => !existsSync(join(root, path)))) return true;
  const built = newest(stampOf(part));
  return part.sources.some((path) => newest(join(root, path)) > built);
};

const build = (part) =>
  new Promise((resolve, reject) => {
    const begun = new Date();
    const tool = join(root, part.tool);
    if (!existsSync(tool)) {
      reject(new BuildError(`To build ${part.name}, its tools are needed: run npm install first.`));
      return;
    }
    // An output that someone removed is made anew only when asked for.
    const force = part.outputs.some((path) => !existsSync(join(root, path)));
    const child = spawn(process.execPath, [tool, ...part.args({ force })], {
      cwd: part.cwd,
      // Whoever builds, tests included: the pages that people get.
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('exit', (code) => {
      if (code !== 0) {
        reject(new BuildError(`Building ${part.name} failed; the lines above say why.`));
        return;
      }
      const stamp = stampOf(part);
      mkdirSync(dirname(stamp), { recursive: true });
      writeFileSync(stamp, '');
      // What was edited while it was built is newer than this.
      utimesSync(stamp, begun, begun);
      resolve();
    });
  });

/** Says itself what to do. */
export class BuildError extends Error {}

/**
 * @param options.dev services run from their sources then, so only the launcher is built.
 * @throws BuildError
 */
export const buildStale = async ({ dev }) => {
  const stale = partsOf(dev).filter(isStale);
  if (stale.length > 0) console.log(`Building ${stale.map(({ name }) => name).join(' and ')} …`);
  await Promise.all(stale.map(build));
};
