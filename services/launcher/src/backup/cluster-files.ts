import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

const bytesAtATime = 256 * 1024;

/**
 * What the emulated cluster can't make anew: its objects, and the shops' own volumes. Its address and its keys are made
 * again at the next start, what pods see of ConfigMaps and Secrets, too.
 * @returns paths below the data folder; none where there is no emulated cluster.
 */
export const findClusterFiles = async (dataDir: string): Promise<string[]> => {
  const claims = await readdir(join(dataDir, 'cluster/claims'), {
    withFileTypes: true,
    recursive: true,
  }).catch(unlessMissing);
  const files = (claims ?? [])
    // What is being written lies beside its place under this ending.
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.new'))
    .map((entry) => relative(dataDir, join(entry.parentPath, entry.name)));
  return ['cluster/objects.jsonl', ...files];
};

/** @yields nothing at all for a file that is gone by now. */
export const piecesOf = async function* (path: string): AsyncGenerator<Buffer> {
  const handle = await open(path).catch(unlessMissing);
  if (!handle) return;
  // One that is empty is there, too.
  yield Buffer.alloc(0);
  for await (const piece of handle.createReadStream({ highWaterMark: bytesAtATime }))
    yield Buffer.from(piece);
};

const unlessMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};
