import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface BuiltFile {
  readonly type: string;
  readonly etag: string;
  readonly body: Buffer;
  /** Undefined where it would save nothing. */
  readonly gzipped: Buffer | undefined;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

const zip = promisify(gzip);

const readBuiltFile = async (path: string): Promise<BuiltFile> => {
  const body = await readFile(path);
  const gzipped = await zip(body);
  return {
    type: types[extname(path)] ?? 'application/octet-stream',
    etag: createHash('sha256').update(body).digest('base64url'),
    body,
    gzipped: gzipped.length < body.length ? gzipped : undefined,
  };
};

/**
 * All that `vite build` wrote, read once: a build that replaces the folder later can't leave half of two versions here,
 * and no request touches the disk.
 * @returns by path, e.g. `/assets/index-AbCd1234.js`
 * @throws Error when there is nothing built
 */
export const readBuiltFiles = async (folder: string): Promise<ReadonlyMap<string, BuiltFile>> => {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new Error(`The dashboard is not built: ${folder} holds no index.html. Run npm run build.`);
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(
      async (path) => [`/${relative(folder, path).split(sep).join('/')}`, await readBuiltFile(path)] as const,
    ),
  );
  return new Map(files);
};
