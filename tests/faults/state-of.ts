import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectsOf } from './cluster-witness.ts';
import type { FaultBed } from './fault-bed.ts';

/** Everything that is known of one store, each part as text that changes with every write. */
export type WrittenState = Readonly<Record<string, string>>;

/** @returns its objects by their versions, and what the shop itself keeps. */
export const clusterStateOf = (bed: FaultBed, namespace: string): WrittenState => ({
  ...Object.fromEntries(
    objectsOf(bed.emulator.store, namespace).map(({ kind, metadata }) => [
      `${kind} ${metadata.name}`,
      `${metadata.uid} at version ${metadata.resourceVersion}`,
    ]),
  ),
  ...filesBelow(join(bed.claimsDir, namespace)),
});

/** @returns its rows, too: the epochs of its runs among them. */
export const stateOf = async (bed: FaultBed, storeId: string): Promise<WrittenState> => {
  const rows = (text: string) => bed.db.query(text, [storeId]).then((found) => JSON.stringify(found));
  return {
    ...clusterStateOf(bed, storeId),
    'the row': await rows('select * from stores where store_id = $1'),
    'the runs': await rows('select * from stage_runs where store_id = $1 order by generation, stage'),
    'the events': await rows('select * from store_events where store_id = $1 order by id'),
  };
};

/** @returns a sentence for each part that isn't as it was. */
export const changesBetween = (before: WrittenState, after: WrittenState): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((part) => before[part] !== after[part])
    .map((part) => `${part} was written: ${before[part] ?? 'nothing'} became ${after[part] ?? 'nothing'}`);

const filesBelow = (folder: string): Record<string, string> =>
  existsSync(folder)
    ? Object.fromEntries(
        readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .map((path) => [`file ${path.slice(folder.length + 1)}`, readFileSync(path, 'base64')]),
      )
    : {};
