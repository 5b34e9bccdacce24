import { isJsonObject, type JsonObject } from '../objects/json.ts';
import { itemKey, listKeys } from './list-keys.ts';

/** A field's path, as JSON text of its steps: `f:spec`, `k:{"name":"web"}`; `.` stands for a list item itself. */
export type FieldPath = string;
export type FieldSet = ReadonlySet<FieldPath>;

/** Nobody owns what names an object. */
const unowned = new Set([
  'apiVersion',
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'metadata.resourceVersion',
  'metadata.creationTimestamp',
  'metadata.generation',
  'metadata.managedFields',
]);

/** All leaves of an object, and the named list items on the way. */
export const fieldsOf = (object: JsonObject): FieldSet => {
  const paths = new Set<FieldPath>();
  const visit = (value: unknown, steps: readonly string[], field: string): void => {
    if (isJsonObject(value) && Object.keys(value).length > 0) {
      for (const [key, inside] of Object.entries(value)) {
        if (!unowned.has(dotted([...steps, `f:${key}`]))) visit(inside, [...steps, `f:${key}`], key);
      }
      return;
    }
    const keys = Array.isArray(value) ? listKeys(field, value) : undefined;
    if (!Array.isArray(value) || !keys) {
      if (steps.length > 0) paths.add(JSON.stringify(steps));
      return;
    }
    for (const item of value.filter(isJsonObject)) {
      const here = [...steps, `k:${itemKey(item, keys)}`];
      paths.add(JSON.stringify([...here, '.']));
      for (const [key, inside] of Object.entries(item)) visit(inside, [...here, `f:${key}`], key);
    }
  };
  visit(object, [], '');
  return paths;
};

const dotted = (steps: readonly string[]) => steps.map((step) => step.slice(2)).join('.');

/** The form in which managedFields keep a set. */
export const toFieldsV1 = (set: FieldSet): JsonObject => {
  const root: JsonObject = {};
  for (const path of set) {
    let here = root;
    for (const step of stepsOf(path)) {
      const inside = here[step];
      const next: JsonObject = isJsonObject(inside) ? inside : {};
      here[step] = next;
      here = next;
    }
  }
  return root;
};

export const fromFieldsV1 = (fields: JsonObject): Set<FieldPath> => {
  const paths = new Set<FieldPath>();
  const visit = (value: JsonObject, steps: readonly string[]) => {
    for (const [step, inside] of Object.entries(value)) {
      if (isJsonObject(inside) && Object.keys(inside).length > 0) visit(inside, [...steps, step]);
      else paths.add(JSON.stringify([...steps, step]));
    }
  };
  visit(fields, []);
  return paths;
};

const stepsOf = (path: FieldPath): string[] => {
  const steps: unknown = JSON.parse(path);
  return Array.isArray(steps) ? steps.map(String) : [];
};

/** The value at a path of an object; undefined when there is none. */
export const valueAt = (object: unknown, path: FieldPath): unknown => {
  let here = object;
  let field = '';
  for (const step of stepsOf(path)) {
    if (step === '.') return here;
    if (step.startsWith('f:')) {
      field = step.slice(2);
      here = isJsonObject(here) ? here[field] : undefined;
      continue;
    }
    const keys = Array.isArray(here) ? listKeys(field, here) : undefined;
    here =
      Array.isArray(here) && keys
        ? here.filter(isJsonObject).find((item) => `k:${itemKey(item, keys)}` === step)
        : undefined;
  }
  return here;
};

/** Takes the field at a path away; for a path that ends in `.`, the list item. */
export const removeAt = (object: JsonObject, path: FieldPath): void => {
  const steps = stepsOf(path).filter((step) => step !== '.');
  const last = steps.at(-1);
  const parent = valueAt(object, JSON.stringify(steps.slice(0, -1)));
  if (last?.startsWith('f:') && isJsonObject(parent)) delete parent[last.slice(2)];
  if (!last?.startsWith('k:') || !Array.isArray(parent)) return;
  const keys = listKeys(steps.at(-2)?.slice(2) ?? '', parent);
  const index = parent.findIndex((item) => isJsonObject(item) && keys && `k:${itemKey(item, keys)}` === last);
  if (index >= 0) parent.splice(index, 1);
};
