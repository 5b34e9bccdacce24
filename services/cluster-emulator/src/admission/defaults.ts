import { createHash } from 'node:crypto';
import { isJsonObject, objectsAt, stringsAt, type JsonObject } from '../objects/json.ts';

/** What Kubernetes fills in where a manifest is silent, as far as anyone here reads it. The object is changed in place. */
export const fillDefaults = (kind: string, object: JsonObject): void => {
  const spec = isJsonObject(object['spec']) ? object['spec'] : undefined;
  switch (kind) {
    case 'Namespace':
      // Whatever the manifest says: without its finalizer a namespace would go and leave its content behind.
      object['spec'] = { finalizers: ['kubernetes'] };
      object['status'] = { phase: 'Active' };
      nameLabel(object);
      return;
    case 'Deployment':
      if (spec) spec['replicas'] ??= 1;
      return;
    case 'PersistentVolumeClaim':
      if (spec) spec['volumeMode'] ??= 'Filesystem';
      object['status'] = { phase: 'Pending' };
      return;
    case 'Service':
      if (spec) fillService(object, spec);
      return;
    case 'Pod':
      object['status'] = { phase: 'Pending' };
      return;
    case 'Secret':
      object['type'] ??= 'Opaque';
      encodeStrings(object);
      return;
    default:
  }
};

const nameLabel = (object: JsonObject) => {
  const metadata = object['metadata'];
  if (!isJsonObject(metadata)) return;
  const labels = isJsonObject(metadata['labels']) ? metadata['labels'] : {};
  metadata['labels'] = { ...labels, 'kubernetes.io/metadata.name': metadata['name'] };
};

/** `stringData` is for writing only: what is kept is `data`. */
const encodeStrings = (secret: JsonObject) => {
  const strings = Object.entries(stringsAt(secret, 'stringData'));
  if (strings.length === 0) return;
  const encoded = strings.map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  secret['data'] = { ...stringsAt(secret, 'data'), ...Object.fromEntries(encoded) };
  delete secret['stringData'];
};

const fillService = (object: JsonObject, spec: JsonObject) => {
  spec['type'] ??= 'ClusterIP';
  spec['sessionAffinity'] ??= 'None';
  spec['clusterIP'] ??= clusterIp(JSON.stringify(object['metadata']));
  for (const port of objectsAt(object, 'spec', 'ports')) {
    port['protocol'] ??= 'TCP';
    port['targetPort'] ??= port['port'];
  }
};

/** Nothing listens there: services are reached through the ingress alone. */
const clusterIp = (seed: string): string => {
  const [a = 0, b = 0, c = 0] = createHash('sha256').update(seed).digest();
  return `10.${96 + (a % 16)}.${b}.${Math.max(1, c)}`;
};
