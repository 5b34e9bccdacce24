import type { JsonObject } from '../objects/json.ts';
import type { KubeObject } from '../objects/object-store.ts';
import type { KnownResource } from '../objects/resources.ts';
import { columnsOf, name, type Column } from './table-columns.ts';

/** As `kubectl` asks for it: `Accept: application/json;as=Table`. */
export const toTable = (
  { plural }: KnownResource,
  objects: readonly KubeObject[],
  listMeta: JsonObject,
): JsonObject => {
  const columns = columnsOf(plural);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMeta,
    columnDefinitions: columns.map(definitionOf),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
};

const definitionOf = (column: Column): JsonObject => ({
  name: column.title,
  type: 'string',
  format: column === name ? 'name' : '',
  description: '',
  priority: column.isWide ? 1 : 0,
});

export const wantsTable = (accept: string | undefined): boolean => /as=Table/.test(accept ?? '');
