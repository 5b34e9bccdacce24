// `npm start` and `npm run dev`. Plain JavaScript: it runs before anything is built, and tells an old Node so.
import { BuildError, buildStale } from './build-stale.mjs';

const lowestNode = [20, 19];

const leave = (sentence) => {
  console.error(`\n${sentence}\n`);
  process.exit(1);
};

const isOldNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < lowestNode[0] || (major === lowestNode[0] && minor < lowestNode[1]);
};

if (isOldNode()) {
  leave(`Node ${process.versions.node} is too old: Store Platform needs ${lowestNode.join('.')} or newer.`);
}
try {
  await buildStale({ dev: process.argv.includes('--dev') });
  await import('./dist/main.js');
} catch (error) {
  leave(error instanceof BuildError ? error.message : error.stack);
}
