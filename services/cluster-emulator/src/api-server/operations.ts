import { randomBytes } from 'node:crypto';
import { admit } from '../admission/admit.ts';
import { isJsonObject, stringAt, type JsonObject } from '../objects/json.ts';
import { conflict, KubeStatusError, notFound } from '../objects/kube-status-error.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { apiVersionOf, pods } from '../objects/resources.ts';
import { jsonPatch, mergePatch } from './patch.ts';
import { recordUpdate, serverSideApply } from './server-side-apply.ts';
import type { Target } from './target.ts';

export interface Write {
  readonly target: Target;
  readonly query: URLSearchParams;
  readonly manager: string;
}

/** Checks the parts of a body that make it an object, and gives it its place. @throws KubeStatusError 400 */
const objectOf = (body: unknown, { resource, namespace, name }: Target): KubeObject => {
  const metadata = isJsonObject(body) ? body['metadata'] : undefined;
  if (!isJsonObject(body) || !isJsonObject(metadata)) {
    throw new KubeStatusError(400, 'BadRequest', 'the body is not a Kubernetes object');
  }
  const prefix = stringAt(metadata, 'generateName');
  const given =
    stringAt(metadata, 'name') ?? name ?? (prefix ? `${prefix}${randomBytes(3).toString('hex')}` : '');
  if (name !== undefined && given !== name) {
    throw new KubeStatusError(
      400,
      'BadRequest',
      `the name of the object (${given}) does not match the address (${name})`,
    );
  }
  return {
    ...body,
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      ...metadata,
      name: given,
      ...(resource.namespaced && namespace !== undefined && { namespace }),
      uid: '',
      resourceVersion: '',
      creationTimestamp: '',
    },
  };
};

const isDryRun = (query: URLSearchParams) => query.get('dryRun') === 'All';

export const createObject = (
  store: ObjectStore,
  { target, query, manager }: Write,
  body: unknown,
): KubeObject => {
  const object = objectOf(body, target);
  admit(store, target.resource, object);
  recordUpdate(undefined, object, manager);
  return isDryRun(query) ? object : store.create(target.resource, object);
};

export const readObject = (store: ObjectStore, { resource, namespace, name = '' }: Target): KubeObject => {
  const found = store.get(resource, namespace, name);
  if (!found) throw notFound(resource.plural, resource.group, name);
  return found;
};

export const replaceObject = (store: ObjectStore, write: Write, body: unknown): KubeObject => {
  const wanted = objectOf(body, write.target);
  const version = stringAt(body, 'metadata', 'resourceVersion');
  return changeObject(store, write, (object) => {
    if (version && version !== object.metadata.resourceVersion) {
      const { plural, group } = write.target.resource;
      throw conflict(
        plural,
        group,
        object.metadata.name,
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    }
    replaceContent(object, wanted);
  });
};

/** All but what the server alone decides. */
const replaceContent = (object: KubeObject, wanted: JsonObject): void => {
  const {
    uid,
    resourceVersion,
    creationTimestamp,
    generation,
    deletionTimestamp,
    managedFields,
    name,
    namespace,
  } = object.metadata;
  for (const key of Object.keys(object)) if (key !== 'metadata') delete object[key];
  const metadata = isJsonObject(wanted['metadata']) ? wanted['metadata'] : {};
  const kept = {
    uid,
    resourceVersion,
    creationTimestamp,
    generation,
    deletionTimestamp,
    managedFields,
    name,
    namespace,
  };
  const defined = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  Object.assign(object, structuredClone(wanted), { metadata: { ...structuredClone(metadata), ...defined } });
};

export const patchObject = (
  store: ObjectStore,
  write: Write,
  contentType: string,
  body: unknown,
): KubeObject => {
  if (contentType === 'application/apply-patch+yaml') return applyObject(store, write, body);
  return changeObject(store, write, (object) => {
    if (contentType === 'application/json-patch+json' && Array.isArray(body)) jsonPatch(object, body);
    else if (isJsonObject(body))
      mergePatch(object, body, contentType === 'application/strategic-merge-patch+json');
    else throw new KubeStatusError(400, 'BadRequest', 'the patch is not JSON');
  });
};

const applyObject = (store: ObjectStore, { target, query, manager }: Write, body: unknown): KubeObject => {
  const applied = objectOf(body, target);
  const options = { manager, force: query.get('force') === 'true' };
  const { resource, namespace, name = '' } = target;
  const content: JsonObject = isJsonObject(body) ? body : {};
  if (store.get(resource, namespace, name)) {
    if (isDryRun(query)) return readObject(store, target);
    return store.update(resource, namespace, name, (object) => serverSideApply(object, content, options));
  }
  admit(store, resource, applied);
  serverSideApply(applied, content, options);
  return isDryRun(query) ? applied : store.create(resource, applied);
};

const changeObject = (
  store: ObjectStore,
  { target, query, manager }: Write,
  change: (object: KubeObject) => void,
): KubeObject => {
  const before = readObject(store, target);
  if (isDryRun(query)) {
    change(before);
    return before;
  }
  return store.update(target.resource, target.namespace, target.name ?? '', (object) => {
    const spec = structuredClone(object['spec']);
    const status = structuredClone(object['status']);
    change(object);
    // A status write changes the status alone, any other write everything but the status.
    if (target.subresource === 'status') object['spec'] = spec;
    else if (status !== undefined) object['status'] = status;
    if (target.subresource === undefined) recordUpdate(before, object, manager);
  });
};

/** @returns the object as it is now when it has to wait for someone, else a Status. */
export const deleteObject = (store: ObjectStore, target: Target, options: unknown): JsonObject => {
  const object = readObject(store, target);
  const { resource, namespace, name = '' } = target;
  const uid = stringAt(options, 'preconditions', 'uid');
  if (uid && uid !== object.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid}`;
    throw conflict(resource.plural, resource.group, name, why);
  }
  leave(store, target.resource, object);
  const left = store.get(resource, namespace, name);
  if (left) return left;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, group: resource.group, kind: resource.plural, uid: object.metadata.uid },
  };
};

/** A pod that runs is stopped first; its controller takes it away afterwards. A namespace empties itself. */
const leave = (store: ObjectStore, resource: Target['resource'], { metadata, spec }: KubeObject): void => {
  if (resource.plural === 'pods' && stringAt(spec, 'nodeName')) {
    store.update(pods, metadata.namespace, metadata.name, (pod) => {
      pod.metadata.deletionTimestamp ??= new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
    });
    return;
  }
  store.remove(resource, metadata.namespace, metadata.name);
  if (resource.plural !== 'namespaces' || !store.get(resource, undefined, metadata.name)) return;
  store.update(resource, undefined, metadata.name, (namespace) => {
    namespace['status'] = {
      ...(isJsonObject(namespace['status']) && namespace['status']),
      phase: 'Terminating',
    };
  });
};
