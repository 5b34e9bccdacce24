import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Entry = z.object({
  optional: z.boolean().default(false),
  dependencies: z.record(z.string(), z.string()).default({}),
});
const Lock = z.object({ packages: z.record(z.string(), Entry) });
type Packages = z.infer<typeof Lock>['packages'];

/**
 * What optional dependencies bring into node_modules that nothing else would, in MB of files.
 * @param names of packages in the root's node_modules
 */
export const installedSize = (names: readonly string[]): number => {
  const { packages } = Lock.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
  const bytes = [...broughtBy(names, packages)].reduce((sum, folder) => sum + bytesIn(folder), 0);
  return bytes / 1e6;
};

const broughtBy = (names: readonly string[], packages: Packages): Set<string> => {
  const brought = new Set<string>();
  const add = (name: string, from: string): void => {
    const folder = folderOf(name, from, packages);
    const entry = packages[folder];
    if (!entry?.optional || brought.has(folder)) return;
    brought.add(folder);
    for (const dependency of Object.keys(entry.dependencies)) add(dependency, folder);
  };
  for (const name of names) add(name, '');
  return brought;
};

/** As Node looks for it: in the package's own node_modules, then in those around it. */
const folderOf = (name: string, from: string, packages: Packages): string => {
  const folder = join(from, 'node_modules', name);
  if (packages[folder] || from === '') return folder;
  const outer = from.slice(0, Math.max(0, from.lastIndexOf('node_modules') - 1));
  return folderOf(name, outer, packages);
};

/** Those within have an entry of their own. */
const bytesIn = (folder: string): number => {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && !entry.isSymbolicLink())
    .map((entry) => join(folder, entry.name))
    .reduce((sum, path) => sum + (statSync(path).isDirectory() ? bytesIn(path) : statSync(path).size), 0);
};
