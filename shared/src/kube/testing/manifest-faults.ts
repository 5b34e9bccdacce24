import * as clientNode from '@kubernetes/client-node';
import * as apps from 'kubernetes-models/apps/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as core from 'kubernetes-models/v1';
import { z } from 'zod';
import type { Manifest } from '../kube-object.ts';
import { wordsOf } from '../../text/words-of.ts';

const models = new Map<string, unknown>(
  [core, apps, networking].flatMap((group) => Object.entries<unknown>({ ...group })),
);
const classes = new Map<string, unknown>(Object.entries<unknown>({ ...clientNode }));

/** What a real API server would refuse or silently drop: wrong types, missing fields, fields that do not exist. */
export const manifestFaults = (manifest: Manifest): string[] => [
  ...schemaFaults(manifest),
  ...unknownFields(manifest, `V1${manifest.kind}`, manifest.kind),
];

const Model = z.custom<{ validate(): void }>((value) => typeof value === 'object' && value !== null);

const schemaFaults = (manifest: Manifest): string[] => {
  const model = models.get(manifest.kind);
  if (typeof model !== 'function') return [`${manifest.kind}: no schema is known`];
  try {
    Model.parse(Reflect.construct(model, [manifest])).validate();
    return [];
  } catch (error) {
    return [`${manifest.kind}: ${wordsOf(error)}`];
  }
};

const Attributes = z.array(z.object({ baseName: z.string(), type: z.string() }));

/** @returns the attributes of one of the client's classes; undefined for plain types, which hold no fields of their own. */
const attributesOf = (type: string): z.infer<typeof Attributes> | undefined => {
  const found = classes.get(type);
  if (typeof found !== 'function' || !('getAttributeTypeMap' in found)) return undefined;
  const { getAttributeTypeMap } = found;
  return typeof getAttributeTypeMap === 'function'
    ? Attributes.parse(getAttributeTypeMap.call(found))
    : undefined;
};

const unknownFields = (value: unknown, type: string, path: string): string[] => {
  const itemType = /^Array<(.+)>$/.exec(type)?.[1];
  if (itemType && Array.isArray(value)) {
    return value.flatMap((item, index) => unknownFields(item, itemType, `${path}[${index}]`));
  }
  const attributes = attributesOf(type);
  if (!attributes || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const attribute = attributes.find(({ baseName }) => baseName === name);
    if (!attribute) return [`${path}.${name}: there is no such field`];
    return unknownFields(inner, attribute.type, `${path}.${name}`);
  });
};
