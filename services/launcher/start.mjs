// `npm start` and `npm run dev`. Plain JavaScript: it runs before anything is built, and tells an old Node so.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const lowestNode = [20, 19];
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const dev = process.argv.includes('--dev');

const leave = (sentence) => {
  console.error(`\n${sentence}\n`);
  process.exit(1);
};

const isOldNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < lowestNode[0] || (major === lowestNode[0] && minor < lowestNode[1]);
};

/** Each part: what it is made of, what must be there, and the command that makes it. */
const parts = () => {
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
  new Promise((resolve) => {
    const begun = new Date();
    const tool = join(root, part.tool);
    if (!existsSync(tool)) leave(`To build ${part.name}, its tools are needed: run npm install first.`);
    // An output that someone removed is made anew only when asked for.
    const force = part.outputs.some((path) => !existsSync(join(root, path)));
    const child = spawn(process.execPath, [tool, ...part.args({ force })], {
      cwd: part.cwd,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('exit', (code) => {
      if (code !== 0) leave(`Building ${part.name} failed; the lines above say why.`);
      const stamp = stampOf(part);
      mkdirSync(dirname(stamp), { recursive: true });
      writeFileSync(stamp, '');
      // What was edited while it was built is newer than this.
      utimesSync(stamp, begun, begun);
      resolve();
    });
  });

const start = async () => {
  if (
    !existsSync(join(root, 'node_modules/typescript')) &&
    !existsSync(join(root, 'services/launcher/dist'))
  ) {
    leave('The packages are not installed: run npm install first.');
  }
  const stale = parts().filter(isStale);
  if (stale.length > 0) console.log(`Building ${stale.map(({ name }) => name).join(' and ')} …`);
  await Promise.all(stale.map(build));
  await import(pathToFileURL(join(root, 'services/launcher/dist/main.js')).href);
};

if (isOldNode()) {
  leave(`Node ${process.versions.node} is too old: Store Platform needs ${lowestNode.join('.')} or newer.`);
} else {
  start().catch((error) => leave(error.stack));
}
