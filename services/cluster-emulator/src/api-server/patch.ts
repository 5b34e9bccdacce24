import { isJsonObject, type JsonObject } from '../objects/json.ts';
import { KubeStatusError } from '../objects/kube-status-error.ts';
import { itemKey, listKeys } from './list-keys.ts';

/** RFC 7396; with `strategic`, named lists merge item by item and `$…` keys are orders, as `kubectl` sends them. */
export const mergePatch = (target: JsonObject, patch: JsonObject, strategic: boolean): void => {
  if (strategic) obey(target, patch);
  for (const [key, value] of Object.entries(patch)) {
    const old = Object.hasOwn(target, key) ? target[key] : undefined;
    if (strategic && key.startsWith('$')) continue;
    if (value === null) delete target[key];
    else if (isJsonObject(value)) {
      // What is new is merged too: orders and nulls inside it must not stay.
      const inside = isJsonObject(old) ? old : {};
      mergePatch(inside, value, strategic);
      target[key] = inside;
    } else if (strategic && Array.isArray(value))
      target[key] = patchList(key, Array.isArray(old) ? old : [], value);
    else target[key] = structuredClone(value);
  }
};

/** The order of list items is kept as it is: nothing here depends on it. */
const obey = (target: JsonObject, patch: JsonObject): void => {
  const retained = patch['$retainKeys'];
  for (const key of Object.keys(target)) {
    const isReplaced = patch['$patch'] === 'replace';
    if (isReplaced || (Array.isArray(retained) && !retained.includes(key))) delete target[key];
    const leaving = patch[`$deleteFromPrimitiveList/${key}`];
    const list = target[key];
    if (Array.isArray(leaving) && Array.isArray(list))
      target[key] = list.filter((item) => !leaving.includes(item));
  }
};

const patchList = (field: string, old: readonly unknown[], patch: readonly unknown[]): unknown[] => {
  const keys = listKeys(field, patch);
  if (!keys) return structuredClone([...patch]);
  const result = old.filter(isJsonObject);
  for (const item of patch.filter(isJsonObject)) {
    const index = result.findIndex((other) => itemKey(other, keys) === itemKey(item, keys));
    const same = result[index];
    if (item['$patch'] === 'delete') result.splice(index, index >= 0 ? 1 : 0);
    else if (same) mergePatch(same, item, true);
    else result.push(made(item));
  }
  return result;
};

const made = (patch: JsonObject): JsonObject => {
  const item: JsonObject = {};
  mergePatch(item, patch, true);
  return item;
};

/** RFC 6902, the operations that tools send. @throws KubeStatusError 422 */
export const jsonPatch = (target: JsonObject, operations: readonly unknown[]): void => {
  for (const operation of operations) {
    if (!isJsonObject(operation) || typeof operation['path'] !== 'string')
      throw unusable('an operation has no path');
    const steps = operation['path']
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop() ?? '';
    const parent = steps.reduce<unknown>((here, step) => childOf(here, step), target);
    change(parent, last, operation);
  }
};

const childOf = (value: unknown, step: string): unknown => {
  if (Array.isArray(value)) return value[Number(step)];
  return isJsonObject(value) ? value[step] : undefined;
};

const change = (parent: unknown, key: string, { op, value }: JsonObject): void => {
  if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : Number(key);
    parent.splice(index, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]));
    return;
  }
  if (!isJsonObject(parent)) throw unusable(`nothing is at the path of "${key}"`);
  if (op === 'add' || op === 'replace') parent[key] = value;
  else if (op === 'remove') delete parent[key];
  else throw unusable(`the operation "${String(op)}" is not known`);
};

const unusable = (why: string) => new KubeStatusError(422, 'Invalid', `The patch cannot be used: ${why}`);
