import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@store-platform/shared/log/logger';
import { startApiServer, type ApiServer } from './api-server/api-server.ts';
import { startControllers } from './controllers/start-controllers.ts';
import { kubeconfigOf, readCredentials, writeCredentials, type Credentials } from './credentials.ts';
import { createFaults, type Faults } from './faults/faults.ts';
import { startIngress } from './ingress/ingress-server.ts';
import { openJournal } from './objects/journal.ts';
import { createMemoryObjectStore, type MemoryObjectStore } from './objects/memory-object-store.ts';
import type { ObjectStore } from './objects/object-store.ts';
import {
  ingressClasses,
  namespaces,
  nodes,
  storageClasses,
  type KnownResource,
} from './objects/resources.ts';
import type { PodRuntime } from './pod-runtime/pod-runtime.ts';

export interface ClusterEmulatorOptions {
  /** Everything that outlives the process lies below. */
  readonly dataDir: string;
  readonly kubeconfigPath: string;
  /** 0 takes a free one. */
  readonly ingressPort: number;
  readonly readyAfterMs: number;
  /** It may keep in the cluster's objects what it has to remember. */
  runtime(objects: ObjectStore): PodRuntime;
  readonly logger: Logger;
}

export interface ClusterEmulator {
  readonly ingressPort: number;
  /** Requests so far, by method and plural. */
  counts(): Readonly<Record<string, number>>;
  /** For tests: no process can reach it from outside. */
  readonly faults: Faults;
  readonly store: MemoryObjectStore;
  stop(): Promise<void>;
}

/** A cluster for machines that have none: API, controllers, pods and ingress in one process. */
export const startClusterEmulator = async (options: ClusterEmulatorOptions): Promise<ClusterEmulator> => {
  const { dataDir, logger } = options;
  const folders = { claims: join(dataDir, 'claims'), pods: join(dataDir, 'pods') };
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const credentials = await readCredentials(dataDir);
  const store = createMemoryObjectStore(openJournal(join(dataDir, 'objects.jsonl')));
  makeFixtures(store);
  const runtime = options.runtime(store);
  const controllers = startControllers({
    store,
    runtime,
    folders,
    readyAfterMs: options.readyAfterMs,
    logger,
  });
  const faults = createFaults();
  const api = await listen(credentials, (port) =>
    startApiServer({
      store,
      faults,
      logger,
      port,
      token: credentials.token,
      tls: { key: credentials.key, cert: credentials.cert },
      logs: (namespace, name, container, previous) =>
        controllers.findPod(namespace, name)?.log(container, previous),
      exec: (namespace, name, container) => controllers.findPod(namespace, name)?.exec(container),
    }),
  );
  await writeCredentials(dataDir, { ...credentials, port: api.port });
  await writeFile(options.kubeconfigPath, kubeconfigOf({ ...credentials, port: api.port }), { mode: 0o600 });
  await chmod(options.kubeconfigPath, 0o600);
  const ingress = await startIngress({
    store,
    runtime,
    port: options.ingressPort,
    logger,
    findPlacedPod: (namespace, name) => controllers.findPod(namespace, name)?.placed(),
  });
  return {
    ingressPort: ingress.port,
    counts: () => api.counts(),
    faults,
    store,
    stop: async () => {
      await Promise.all([ingress.stop(), api.stop()]);
      await controllers.stop();
      store.close();
    },
  };
};

/** On the port of last time if it is still free, so that an open `kubectl` goes on working. */
const listen = async (
  { port }: Credentials,
  start: (port: number) => Promise<ApiServer>,
): Promise<ApiServer> => (port === 0 ? start(0) : start(port).catch(() => start(0)));

/** Nothing is really used, so there is room for every store that a test may want. */
const room = { cpu: '1k', memory: '1Ti', pods: '10k' };

/** What every cluster has from the start. The UID of kube-system is the cluster's identity. */
const makeFixtures = (store: ObjectStore): void => {
  const fixtures: [KnownResource, string, Record<string, unknown>][] = [
    [namespaces, 'kube-system', { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }],
    [namespaces, 'default', { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }],
    [
      nodes,
      'emulated-node',
      {
        status: {
          nodeInfo: { kubeletVersion: 'v1.31.0-emulated' },
          capacity: room,
          allocatable: room,
          addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
          conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
        },
      },
    ],
    [
      storageClasses,
      'standard',
      { provisioner: 'store-platform/emulated', volumeBindingMode: 'WaitForFirstConsumer' },
    ],
    // The default of INGRESS_CLASS, and the class that setup.sh writes to `.env`.
    [ingressClasses, 'nginx', { spec: { controller: 'store-platform/emulated' } }],
    [ingressClasses, 'traefik', { spec: { controller: 'store-platform/emulated' } }],
  ];
  for (const [resource, name, rest] of fixtures) {
    if (store.get(resource, undefined, name)) continue;
    const annotations =
      resource === storageClasses ? { 'storageclass.kubernetes.io/is-default-class': 'true' } : {};
    const metadata = { name, annotations, uid: '', resourceVersion: '', creationTimestamp: '' };
    store.create(resource, { apiVersion: '', kind: resource.kind, metadata, ...rest });
  }
};
