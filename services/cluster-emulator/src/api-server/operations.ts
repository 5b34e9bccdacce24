import { randomBytes, randomUUID } from 'node:crypto';
import { admit } from '../admission/admit.ts';
import { validate } from '../admission/validate.ts';
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
    // What Kubernetes fills in is not what the caller said: an apply would own it.
    ...structuredClone(body),
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
  if (target.subresource !== undefined)
    throw new KubeStatusError(404, 'NotFound', 'the server could not find the requested resource');
  const object = objectOf(body, target);
  validate(target.resource, object);
  admit(store, target.resource, object);
  recordUpdate(undefined, object, manager);
  return isDryRun(query) ? asIfMade(object) : store.create(target.resource, object);
};

const asIfMade = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, uid: randomUUID(), creationTimestamp: new Date().toISOString() },
});

export const readObject = (store: ObjectStore, { resource, namespace, name = '' }: Target): KubeObject => {
  const found = store.get(resource, namespace, name);
  if (!found) throw notFound(resource.plural, resource.group, name);
  return found;
};

export const replaceObject = (store: ObjectStore, write: Write, body: unknown): KubeObject => {
  const wanted = objectOf(body, write.target);
  return changeObject(store, write, body, (object) => {
    const { managedFields } = object.metadata;
    for (const key of Object.keys(object)) if (key !== 'metadata') delete object[key];
    Object.assign(object, structuredClone(wanted));
    if (managedFields) object.metadata.managedFields = managedFields;
  });
};

export const patchObject = (
  store: ObjectStore,
  write: Write,
  contentType: string,
  body: unknown,
): KubeObject => {
  if (contentType === 'application/apply-patch+yaml') return applyObject(store, write, body);
  return changeObject(store, write, body, (object) => {
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
  const { status: _status, ...content }: JsonObject = isJsonObject(body) ? body : {};
  const live = store.get(resource, namespace, name);
  if (live) {
    const merge = (object: KubeObject) => {
      demandVersion(target, body, object);
      serverSideApply(object, content, options);
      keepServersOwn(live, object, target.subresource);
      validate(resource, object);
    };
    if (!isDryRun(query)) return store.update(resource, namespace, name, merge);
    const copy = structuredClone(live);
    merge(copy);
    return copy;
  }
  validate(resource, applied);
  admit(store, resource, applied);
  serverSideApply(applied, content, options);
  return isDryRun(query) ? asIfMade(applied) : store.create(resource, applied);
};

const changeObject = (
  store: ObjectStore,
  { target, query, manager }: Write,
  body: unknown,
  change: (object: KubeObject) => void,
): KubeObject => {
  const before = readObject(store, target);
  const whole = (object: KubeObject) => {
    demandVersion(target, body, object);
    change(object);
    keepServersOwn(before, object, target.subresource);
    validate(target.resource, object);
    if (target.subresource === undefined) recordUpdate(before, object, manager);
  };
  if (!isDryRun(query)) return store.update(target.resource, target.namespace, target.name ?? '', whole);
  const copy = structuredClone(before);
  whole(copy);
  return copy;
};

/** Whoever names the version that they read writes to that version or not at all. @throws KubeStatusError 409 */
const demandVersion = ({ resource }: Target, body: unknown, { metadata }: KubeObject): void => {
  const version = stringAt(body, 'metadata', 'resourceVersion');
  if (!version || version === metadata.resourceVersion) return;
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  throw conflict(resource.plural, resource.group, metadata.name, why);
};

const serversOwn = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'deletionTimestamp',
] as const;

/**
 * What no write may change: the object's identity; for a status write all but the status, for any other write the status;
 * and a namespace's finalizers, without which it would go and leave its content behind.
 */
const keepServersOwn = (before: KubeObject, after: KubeObject, subresource: string | undefined): void => {
  const kept = Object.fromEntries(serversOwn.map((key) => [key, before.metadata[key]]));
  after.metadata = { ...after.metadata, ...kept, name: before.metadata.name };
  for (const key of serversOwn) if (after.metadata[key] === undefined) delete after.metadata[key];
  const isStatus = subresource === 'status';
  const isFixed = isStatus || (before.kind === 'Namespace' && subresource !== 'finalize');
  if (isFixed) restore(after, before, 'spec');
  if (!isStatus) restore(after, before, 'status');
};

const restore = (after: KubeObject, before: KubeObject, field: 'spec' | 'status'): void => {
  if (before[field] === undefined) delete after[field];
  else after[field] = structuredClone(before[field]);
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
