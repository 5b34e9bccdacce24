import { randomBytes } from 'node:crypto';
import type { KubeConfig } from '@kubernetes/client-node';
import { beforeAll } from 'vitest';
import { until } from '../../testing/until.ts';
import { installationLabel, managedByLabel, managedByValue, type WatchedKind } from '../cluster-watch.ts';
import type { ConnectedCluster } from '../cluster.ts';
import { diagnose } from '../diagnose.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { KubeStatusError } from '../kube-error.ts';
import type { KubeHttp } from '../kube-http.ts';
import {
  objectPath,
  parseKubeObject,
  type Kind,
  type KubeObject,
  type Manifest,
  type ObjectRef,
} from '../kube-object.ts';
import { conditionOf, numberIn, stringIn } from './read-object.ts';

/** A cluster that the contract is run on. */
export interface ClusterUnderTest {
  readonly kubeConfig: KubeConfig;
  /** On everything that the contract makes, so that what a killed run left behind can be found. */
  readonly installationId: string;
  /** One that the nodes have or can pull, with `cat`, `echo`, `env`, `false`, `id`, `setpriv`, `sleep`, `tail` and `true`. */
  readonly image: string;
  close(): Promise<void>;
}

/** The same, connected: as the platform sees it, and the bare API for what others do to the platform's objects. */
export interface OpenedCluster extends ClusterUnderTest {
  readonly cluster: ConnectedCluster;
  readonly http: KubeHttp;
}

/** A real one starts pods and lets namespaces go at its leisure. */
export const patienceMs = 120_000;
export const patience = (): AbortSignal => AbortSignal.timeout(patienceMs);
/** For what costs a real cluster a call each time. */
export const slowly = { timeoutMs: patienceMs, everyMs: 200 };

/** A namespace of one topic's own. */
export interface Place extends OpenedCluster {
  readonly name: string;
  readonly uid: string;
  object(kind: string, name: string, content?: object, apiVersion?: string): Manifest;
  /** Of one pod, whose container `main` sleeps unless `container` says otherwise. */
  deployment(app: string, container?: object, pod?: object): Manifest;
  ref(kind: Kind, name: string): ObjectRef;
  /** What the watch knows of an app: its objects carry the label. */
  list(kind: WatchedKind, app: string): KubeObject[];
  /** Awaits an answer on the watch. */
  see<T>(look: () => T | undefined): Promise<T>;
  /** Applies a deployment. @returns the name of its pod, once that is ready */
  run(deployment: Manifest): Promise<string>;
  /** Awaits what Kubernetes says is wrong with an app, as the platform understands it. */
  diagnosis(app: string, code: Diagnosis['code'], fits?: (found: Diagnosis) => boolean): Promise<Diagnosis>;
  /** Reads a path until what it answers with has an answer to `look`. */
  ask<T>(path: string, look: (answer: unknown) => T | undefined): Promise<T>;
  /** Awaits an event of that reason about an object whose name begins so. */
  event(name: string, reason: string): Promise<KubeObject>;
  /** A merge patch under another manager's name. */
  patchAsOther(ref: ObjectRef, patch: object): Promise<KubeObject>;
}

/** Makes a namespace before the tests around it, and takes it away behind them, whatever they left in it. */
export const usePlace = (opened: () => OpenedCluster): (() => Place) => {
  let place: Place;
  beforeAll(async () => {
    place = await makePlace(opened());
    return () => removePlace(place);
  }, patienceMs);
  return () => place;
};

/** The Secret that a finalizer may hold in a namespace of the contract. */
export const heldSecret = { name: 'held', finalizer: 'store-platform.dev/contract' };

/** Lets it go, and with it its namespace; where there is none, nothing happens. */
export const releaseHeld = async (http: KubeHttp, namespace: string): Promise<void> => {
  const path = objectPath({ kind: 'Secret', name: heldSecret.name, namespace });
  const contentType = 'application/merge-patch+json';
  const body = { metadata: { finalizers: [] } };
  await http.call({ method: 'PATCH', path, body, contentType, repeatable: true }).catch((error: unknown) => {
    if (!(error instanceof KubeStatusError) || error.status !== 404) throw error;
  });
};

const makePlace = async (opened: OpenedCluster): Promise<Place> => {
  const { cluster, http, installationId } = opened;
  const name = `contract-${randomBytes(4).toString('hex')}`;
  const labels = { [managedByLabel]: managedByValue, [installationLabel]: installationId };
  const made = await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  if (made === 'exists') throw new Error('A random name was taken');

  const object: Place['object'] = (kind, objectName, content = {}, apiVersion = 'v1') => ({
    apiVersion,
    kind,
    metadata: { name: objectName, namespace: name, labels },
    ...content,
  });
  const list: Place['list'] = (kind, app) =>
    cluster.watch.list(kind, name).filter(({ metadata }) => metadata.labels?.['app'] === app);
  const see: Place['see'] = (look) => cluster.watch.until(name, look, patience());
  return {
    ...opened,
    name,
    uid: made.metadata.uid,
    object,
    deployment: (app, container = {}, pod = {}) => {
      const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '500m', memory: '64Mi' } };
      const main = { name: 'main', image: opened.image, command: ['sleep', '3600'], resources, ...container };
      const template = {
        metadata: { labels: { ...labels, app } },
        spec: { terminationGracePeriodSeconds: 0, containers: [main], ...pod },
      };
      const spec = {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: { app } },
        template,
      };
      return object('Deployment', app, { spec }, 'apps/v1');
    },
    ref: (kind, objectName) => ({ kind, name: objectName, namespace: name }),
    list,
    see,
    run: async (deployment) => {
      const { metadata } = await cluster.apply(deployment);
      return see(() => {
        const seen = cluster.watch.find('Deployment', name, metadata.name);
        const pod = list('Pod', metadata.name).find(
          (candidate) => conditionOf(candidate, 'Ready')?.status === 'True',
        );
        return numberIn(seen, 'status', 'readyReplicas') ? pod?.metadata.name : undefined;
      });
    },
    diagnosis: async (app, code, fits = () => true) => {
      let last: Diagnosis | undefined;
      const look = async () => {
        last = diagnose({
          pods: list('Pod', app),
          replicaSets: list('ReplicaSet', app),
          claims: list('PersistentVolumeClaim', app),
          events: await cluster.events(name),
        });
        return last?.code === code && fits(last) && last;
      };
      return until(`${app}: ${code}`, look, slowly).catch((error: unknown) => {
        throw new Error(`The last diagnosis was ${JSON.stringify(last)}`, { cause: error });
      });
    },
    ask: (path, look) =>
      until(path, async () => look(await http.call({ method: 'GET', path, repeatable: true })), slowly),
    event: (about, reason) =>
      until(
        `${about}: ${reason}`,
        async () =>
          (await cluster.events(name)).find(
            (event) =>
              stringIn(event, 'reason') === reason &&
              stringIn(event, 'involvedObject', 'name').startsWith(about),
          ),
        slowly,
      ),
    patchAsOther: async (ref, body) =>
      parseKubeObject(
        await http.call({
          method: 'PATCH',
          path: `${objectPath(ref)}?fieldManager=somebody-else`,
          body,
          contentType: 'application/merge-patch+json',
          repeatable: false,
        }),
      ),
  };
};

const removePlace = async ({ cluster, http, name, uid }: Place): Promise<void> => {
  const ref = { kind: 'Namespace', name } as const;
  await releaseHeld(http, name);
  await cluster.delete(ref, uid);
  await until(`${name} is gone`, async () => (await cluster.get(ref)) === undefined, slowly);
};
