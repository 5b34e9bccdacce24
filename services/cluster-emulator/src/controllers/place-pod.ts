import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, isJsonObject, objectsAt, stringAt, stringsAt, type JsonObject } from '../objects/json.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { configMaps, persistentVolumeClaims, secrets } from '../objects/resources.ts';
import type { PlacedContainer, PlacedPod } from '../pod-runtime/pod-runtime.ts';

/** Something that a pod refers to is not there: the pod waits until it is. */
export class MissingReferenceError extends Error {
  override readonly name = 'MissingReferenceError';
  /** What refers to it: a volume, or the environment of a container. */
  readonly by: { readonly volume: string } | { readonly container: string };

  constructor(message: string, by: MissingReferenceError['by']) {
    super(message);
    this.by = by;
  }
}

/** Where a claim's data lies; its UID keeps a later claim of the same name apart. */
const claimFolder = (claimsDir: string, claim: KubeObject): string =>
  join(claimsDir, claim.metadata.namespace ?? '', `${claim.metadata.name}-${claim.metadata.uid}`);

export const removeClaimFolder = (claimsDir: string, claim: KubeObject): void =>
  rmSync(claimFolder(claimsDir, claim), { recursive: true, force: true });

/** All that a namespace ever had here; with its claims gone this is an empty folder. */
export const removeNamespaceFolder = (claimsDir: string, namespace: KubeObject): void =>
  rmSync(join(claimsDir, namespace.metadata.name), { recursive: true, force: true });

/**
 * Resolves all that the pod's containers can see: environment, claims, ConfigMaps and Secrets, written out as folders.
 * @throws MissingReferenceError that names what is missing
 */
export const placePod = (
  store: ObjectStore,
  pod: KubeObject,
  folders: { claims: string; pods: string },
): PlacedPod => {
  const namespace = pod.metadata.namespace ?? '';
  const volumes = new Map(
    objectsAt(pod, 'spec', 'volumes').map((volume) => [
      stringAt(volume, 'name') ?? '',
      volumeFolder(store, pod, volume, folders),
    ]),
  );
  const containers = (which: string) =>
    objectsAt(pod, 'spec', which).map((container) => placeContainer(store, namespace, container, volumes));
  return {
    namespace,
    name: pod.metadata.name,
    uid: pod.metadata.uid,
    app: pod.metadata.labels?.['app'] ?? '',
    initContainers: containers('initContainers'),
    containers: containers('containers'),
  };
};

const volumeFolder = (
  store: ObjectStore,
  pod: KubeObject,
  volume: JsonObject,
  folders: { claims: string; pods: string },
): string => {
  const namespace = pod.metadata.namespace ?? '';
  const by = { volume: stringAt(volume, 'name') ?? '' };
  const claimName = stringAt(volume, 'persistentVolumeClaim', 'claimName');
  if (claimName) {
    const claim = store.get(persistentVolumeClaims, namespace, claimName);
    if (!claim) throw new MissingReferenceError(`persistentvolumeclaim "${claimName}" not found`, by);
    return made(claimFolder(folders.claims, claim));
  }
  const folder = made(join(folders.pods, pod.metadata.uid, by.volume));
  const configMap = stringAt(volume, 'configMap', 'name');
  if (configMap) writeFiles(folder, configMapData(store, namespace, configMap, by));
  const secret = stringAt(volume, 'secret', 'secretName');
  if (secret) writeFiles(folder, secretData(store, namespace, secret, by));
  return folder;
};

const made = (folder: string): string => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
};

const writeFiles = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), content, { mode: 0o600 });
};

const placeContainer = (
  store: ObjectStore,
  namespace: string,
  container: JsonObject,
  volumes: ReadonlyMap<string, string>,
): PlacedContainer => {
  const name = stringAt(container, 'name') ?? '';
  return {
    name,
    image: stringAt(container, 'image') ?? '',
    command: [at(container, 'command'), at(container, 'args')].flatMap((list) =>
      Array.isArray(list) ? list.map(String) : [],
    ),
    env: Object.fromEntries(
      objectsAt(container, 'env').map((entry) => [
        stringAt(entry, 'name') ?? '',
        envValue(store, namespace, entry, name),
      ]),
    ),
    mounts: Object.fromEntries(
      objectsAt(container, 'volumeMounts').map((mount) => [
        stringAt(mount, 'mountPath') ?? '',
        volumes.get(stringAt(mount, 'name') ?? '') ?? '',
      ]),
    ),
  };
};

const envValue = (store: ObjectStore, namespace: string, entry: JsonObject, container: string): string => {
  for (const [from, read] of [
    ['secretKeyRef', secretData],
    ['configMapKeyRef', configMapData],
  ] as const) {
    const ref = at(entry, 'valueFrom', from);
    if (!isJsonObject(ref)) continue;
    const by = { container };
    const value = read(store, namespace, stringAt(ref, 'name') ?? '', by)[stringAt(ref, 'key') ?? ''];
    if (value === undefined)
      throw new MissingReferenceError(
        `couldn't find key ${stringAt(ref, 'key')} in ${stringAt(ref, 'name')}`,
        by,
      );
    return value;
  }
  return stringAt(entry, 'value') ?? '';
};

const secretData = (
  store: ObjectStore,
  namespace: string,
  name: string,
  by: MissingReferenceError['by'],
): Record<string, string> => {
  const secret = store.get(secrets, namespace, name);
  if (!secret) throw new MissingReferenceError(`secret "${name}" not found`, by);
  const encoded = Object.entries(stringsAt(secret, 'data'));
  return Object.fromEntries(
    encoded.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
};

const configMapData = (
  store: ObjectStore,
  namespace: string,
  name: string,
  by: MissingReferenceError['by'],
): Record<string, string> => {
  const configMap = store.get(configMaps, namespace, name);
  if (!configMap) throw new MissingReferenceError(`configmap "${name}" not found`, by);
  return stringsAt(configMap, 'data');
};
