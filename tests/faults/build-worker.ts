import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'vite';

/** Files that a module finds beside itself stay where they are. */
const asFromItsPlace: Plugin = {
  name: 'as-from-its-place',
  transform: (code, id) =>
    code.includes('import.meta.url')
      ? code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
      : undefined,
};

const conditions = ['source', 'module', 'node', 'production'];

/**
 * The worker's process in one file: it starts in a third of the time, and hundreds of them are killed.
 * @returns its path
 */
export const buildWorker = async (folder: string): Promise<string> => {
  await build({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [asFromItsPlace],
    resolve: { conditions },
    ssr: { noExternal: true, resolve: { conditions } },
    build: {
      ssr: 'tests/faults/worker-main.ts',
      outDir: folder,
      minify: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'worker.mjs' } },
    },
  });
  return join(folder, 'worker.mjs');
};
