import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import { onTestFinished } from 'vitest';
import { admit } from '../admission/admit.ts';
import { startControllers, type Controllers } from '../controllers/start-controllers.ts';
import { openJournal } from '../objects/journal.ts';
import type { JsonObject } from '../objects/json.ts';
import { createMemoryObjectStore, type MemoryObjectStore } from '../objects/memory-object-store.ts';
import type { KubeObject, ObjectMeta, ObjectStore } from '../objects/object-store.ts';
import { namespaces, storageClasses, type KnownResource } from '../objects/resources.ts';
import type { PodRuntime } from '../pod-runtime/pod-runtime.ts';

export interface TestCluster {
  readonly store: MemoryObjectStore;
  readonly controllers: Controllers;
  readonly claimsDir: string;
  /** Makes an object as the API does: admitted first. The namespace is `shop` unless the metadata names one. */
  make(
    resource: KnownResource,
    metadata: Partial<ObjectMeta> & { name: string },
    rest?: JsonObject,
  ): KubeObject;
  /** @returns the first object of the namespace that `fits`; waits for it. */
  see(
    what: string,
    resource: KnownResource,
    fits: (object: KubeObject) => boolean,
    namespace?: string,
  ): Promise<KubeObject>;
  /** As a process that ends: pods stop, objects and claims stay in the folder. */
  stop(): Promise<void>;
}

export const makeTestFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'cluster-emulator-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const standardClass = (): KubeObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: 'standard',
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    uid: '',
    resourceVersion: '',
    creationTimestamp: '',
  },
});

/** Objects and controllers without an API, in a folder that a second one can take over after `stop`. */
export const startTestCluster = async (
  given: PodRuntime | ((objects: ObjectStore) => PodRuntime),
  { folder, readyAfterMs = 0 }: { folder?: string; readyAfterMs?: number } = {},
): Promise<TestCluster> => {
  const dataDir = folder ?? (await makeTestFolder());
  const claimsDir = join(dataDir, 'claims');
  const store = createMemoryObjectStore(openJournal(join(dataDir, 'objects.jsonl')));
  if (!store.get(storageClasses, undefined, 'standard')) store.create(storageClasses, standardClass());
  const controllers = startControllers({
    store,
    runtime: typeof given === 'function' ? given(store) : given,
    folders: { claims: claimsDir, pods: join(dataDir, 'pods') },
    readyAfterMs,
    logger: silentLogger,
  });
  const stop = async () => {
    await controllers.stop();
    store.close();
  };
  onTestFinished(stop);
  return {
    store,
    controllers,
    claimsDir,
    make: (resource, metadata, rest = {}) => {
      const object: KubeObject = {
        apiVersion: '',
        kind: resource.kind,
        metadata: {
          ...(resource.namespaced && { namespace: 'shop' }),
          uid: '',
          resourceVersion: '',
          creationTimestamp: '',
          ...metadata,
        },
        ...structuredClone(rest),
      };
      admit(store, resource, object);
      return store.create(resource, object);
    },
    see: (what, resource, fits, namespace = 'shop') =>
      until(what, () => store.list(resource, resource === namespaces ? undefined : namespace).find(fits), {
        timeoutMs: 3000,
      }),
    stop,
  };
};
