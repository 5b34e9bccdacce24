import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from '../objects/json.ts';
import { KubeStatusError } from '../objects/kube-status-error.ts';
import type { KubeObject } from '../objects/object-store.ts';
import { fieldsOf, fromFieldsV1, removeAt, toFieldsV1, valueAt, type FieldPath } from './field-sets.ts';
import { itemKey, listKeys } from './list-keys.ts';

interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly fields: Set<FieldPath>;
}

/**
 * What the API server does with an apply: fields that another manager owns with another value conflict, unless forced;
 * fields that this manager applied before and left out now go, unless someone else owns them too.
 * @param object the live object; it is changed in place.
 * @throws KubeStatusError 409 with one cause a field
 */
export const serverSideApply = (
  object: KubeObject,
  applied: JsonObject,
  { manager, force }: { manager: string; force: boolean },
): void => {
  const managers = readManagers(object);
  const mine = managers.find(({ name, operation }) => name === manager && operation === 'Apply');
  const others = managers.filter((other) => other !== mine);
  const wanted = fieldsOf(applied);
  settleConflicts(object, applied, others, wanted, force);
  for (const path of mine?.fields ?? []) {
    const kept = wanted.has(path) || others.some(({ fields }) => fields.has(path));
    if (!kept) removeAt(object, path);
  }
  mergeInto(object, applied);
  const next: Manager = { name: manager, operation: 'Apply', fields: new Set(wanted) };
  writeManagers(object, [...others.filter(({ fields }) => fields.size > 0), next]);
};

/** After a plain write: whoever changed a field owns it from now on. */
export const recordUpdate = (before: KubeObject | undefined, after: KubeObject, manager: string): void => {
  const managers = readManagers(after);
  const changed = [...fieldsOf(after)].filter(
    (path) => !isDeepStrictEqual(valueAt(before, path), valueAt(after, path)),
  );
  if (changed.length === 0) return;
  for (const { fields } of managers) for (const path of changed) fields.delete(path);
  const mine = managers.find(({ name, operation }) => name === manager && operation === 'Update');
  for (const path of changed) mine?.fields.add(path);
  const added: Manager[] = mine ? [] : [{ name: manager, operation: 'Update', fields: new Set(changed) }];
  writeManagers(after, [...managers.filter(({ fields }) => fields.size > 0), ...added]);
};

const settleConflicts = (
  object: KubeObject,
  applied: JsonObject,
  others: readonly Manager[],
  wanted: ReadonlySet<FieldPath>,
  force: boolean,
): void => {
  const conflicts: { name: string; field: string }[] = [];
  for (const path of wanted) {
    if (path.endsWith('"."]') || isDeepStrictEqual(valueAt(object, path), valueAt(applied, path))) continue;
    for (const { name, fields } of others.filter((other) => other.fields.has(path))) {
      if (force) fields.delete(path);
      else conflicts.push({ name, field: readable(path) });
    }
  }
  if (conflicts.length > 0) throw conflictError(conflicts, object.apiVersion);
};

/** In Kubernetes' own words: whose fields these are, manager by manager. */
const conflictError = (
  conflicts: readonly { name: string; field: string }[],
  version: string,
): KubeStatusError => {
  const owners = [...new Set(conflicts.map(({ name }) => name))];
  const told = owners.map((owner) => {
    const fields = conflicts.filter(({ name }) => name === owner).map(({ field }) => field);
    const [only, another] = fields;
    return another === undefined
      ? `conflict with "${owner}" using ${version}: ${only}`
      : `conflicts with "${owner}" using ${version}:\n${fields.map((field) => `- ${field}`).join('\n')}`;
  });
  const many = conflicts.length > 1 ? 'conflicts' : 'conflict';
  const causes = conflicts.map(({ name, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${name}" using ${version}`,
    field,
  }));
  const message = `Apply failed with ${conflicts.length} ${many}: ${told.join('\n')}`;
  return new KubeStatusError(409, 'Conflict', message, { causes });
};

const readable = (path: FieldPath): string =>
  path
    .slice(2, -2)
    .split('","')
    .map((step) =>
      step.startsWith('f:') ? `.${step.slice(2)}` : `[${step.slice(2).replaceAll('\\"', '"')}]`,
    )
    .join('');

/** Objects merge key by key, named lists item by item, everything else is replaced. */
const mergeInto = (target: JsonObject, source: JsonObject): void => {
  for (const [key, value] of Object.entries(source)) {
    const old = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isJsonObject(value) && isJsonObject(old)) mergeInto(old, value);
    else if (Array.isArray(value) && Array.isArray(old) && listKeys(key, value))
      target[key] = mergeLists(key, old, value);
    else target[key] = structuredClone(value);
  }
};

const mergeLists = (field: string, old: readonly unknown[], wanted: readonly unknown[]): unknown[] => {
  const keys = listKeys(field, wanted) ?? [];
  const result = old.filter(isJsonObject).map((item) => structuredClone(item));
  for (const item of wanted.filter(isJsonObject)) {
    const same = result.find((other) => itemKey(other, keys) === itemKey(item, keys));
    if (same) mergeInto(same, item);
    else result.push(structuredClone(item));
  }
  return result;
};

const readManagers = ({ metadata }: KubeObject): Manager[] =>
  (metadata.managedFields ?? []).filter(isJsonObject).map((entry) => ({
    name: String(entry['manager']),
    operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
    fields: fromFieldsV1(isJsonObject(entry['fieldsV1']) ? entry['fieldsV1'] : {}),
  }));

/** Kept in an order of their own, and without times, so that an apply that changes nothing changes nothing. */
const writeManagers = (object: KubeObject, managers: readonly Manager[]): void => {
  object.metadata.managedFields = managers
    .toSorted((a, b) => `${a.operation} ${a.name}`.localeCompare(`${b.operation} ${b.name}`))
    .map(({ name, operation, fields }) => ({
      manager: name,
      operation,
      apiVersion: object.apiVersion,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(new Set([...fields].toSorted())),
    }));
};
