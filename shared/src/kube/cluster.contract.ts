import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { installationLabel, managedByLabel, managedByValue } from './cluster-watch.ts';
import type { ConnectedCluster } from './cluster.ts';
import { diagnose } from './diagnose.ts';
import type { KubeObject, Manifest } from './kube-object.ts';

export interface ClusterUnderTest {
  readonly cluster: ConnectedCluster;
  readonly installationId: string;
  /** An image with `sleep`, `echo`, `true` and `false`. */
  readonly image: string;
  close(): Promise<void>;
}

/** A real one pulls images and terminates namespaces at its leisure. */
const patienceMs = 120_000;

/** What the platform relies on in a cluster. The emulator and a real cluster run the same suite. */
export const clusterContract = (name: string, open: () => Promise<ClusterUnderTest>): void => {
  describe(`What the platform relies on in ${name}`, { timeout: patienceMs }, () => {
    let under: ClusterUnderTest;
    let namespace: KubeObject;
    const place = `store-${randomBytes(4).toString('hex')}`;
    const labels = () => ({ [managedByLabel]: managedByValue, [installationLabel]: under.installationId });
    const object = (kind: string, objectName: string, rest: object = {}, apiVersion = 'v1'): Manifest => ({
      apiVersion,
      kind,
      metadata: { name: objectName, namespace: place, labels: labels() },
      ...rest,
    });
    const makeNamespace = async (name: string): Promise<KubeObject> => {
      const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: labels() } };
      const made = await under.cluster.create(manifest);
      if (made === 'exists') throw new Error('A random name was taken');
      return made;
    };
    const config = (data: Record<string, string>) => object('ConfigMap', 'settings', { data });
    const ref = (kind: 'ConfigMap' | 'Secret', objectName: string) => ({
      kind,
      name: objectName,
      namespace: place,
    });
    const signal = () => AbortSignal.timeout(patienceMs);

    beforeAll(async () => {
      under = await open();
      namespace = await makeNamespace(place);
    }, patienceMs);

    afterAll(async () => {
      await under.cluster.delete({ kind: 'Namespace', name: place }, namespace.metadata.uid);
      await under.close();
    }, patienceMs);

    test('has an identity of its own', () => {
      expect(under.cluster.uid).toMatch(/^\S{8,}$/);
    });

    test('an apply that changes nothing changes nothing', async () => {
      const first = await under.cluster.apply(config({ a: '1', b: '2' }));
      const second = await under.cluster.apply(config({ a: '1', b: '2' }));
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    test('an apply takes away what it no longer names', async () => {
      await under.cluster.apply(config({ a: '1', b: '2' }));
      expect(await under.cluster.apply(config({ a: '1' }))).toMatchObject({ data: { a: '1' } });
      const found = await under.cluster.get(ref('ConfigMap', 'settings'));
      expect(found?.['data']).toEqual({ a: '1' });
    });

    test('a create keeps what is there', async () => {
      const secret = (value: string) =>
        object('Secret', 'created', { data: { value: Buffer.from(value).toString('base64') } });
      expect(await under.cluster.create(secret('first'))).not.toBe('exists');
      expect(await under.cluster.create(secret('second'))).toBe('exists');
      const found = await under.cluster.get(ref('Secret', 'created'));
      expect(found?.['data']).toEqual({ value: Buffer.from('first').toString('base64') });
    });

    test('a delete takes the object that was meant, and no other of its name', async () => {
      const { metadata } = await under.cluster.apply(object('ConfigMap', 'doomed', { data: {} }));
      await under.cluster.delete(ref('ConfigMap', 'doomed'), '00000000-0000-4000-8000-000000000000');
      expect(await under.cluster.get(ref('ConfigMap', 'doomed'))).toBeDefined();
      await under.cluster.delete(ref('ConfigMap', 'doomed'), metadata.uid);
      expect(await under.cluster.get(ref('ConfigMap', 'doomed'))).toBeUndefined();
      await under.cluster.delete(ref('ConfigMap', 'doomed'), metadata.uid);
    });

    test('writing into a namespace that is not there says so', async () => {
      const lost = { ...config({}), metadata: { name: 'lost', namespace: `${place}-not-there` } };
      await expect(under.cluster.apply(lost)).rejects.toMatchObject({
        code: 'cluster_rejected',
        hint: expect.stringContaining('Retry the store'),
      });
    });

    describe('with a pod', () => {
      let pod: string;

      beforeAll(async () => {
        await under.cluster.apply(deployment('shop', under.image));
        await under.cluster.watch.until(place, () => readyReplicas('shop') || undefined, signal());
        pod = await under.cluster.watch.until(place, () => podOf('shop')?.metadata.name, signal());
      }, patienceMs);

      test('the watch has followed the deployment to its replica set and its pod', () => {
        expect(podOf('shop')?.metadata.labels?.[installationLabel]).toBe(under.installationId);
        expect(under.cluster.watch.list('ReplicaSet', place)).toHaveLength(1);
      });

      const run = async (command: string[], runSignal = signal()) => {
        const lines: string[] = [];
        const result = await under.cluster.exec({
          namespace: place,
          pod,
          container: 'main',
          command,
          signal: runSignal,
          onLine: (line) => lines.push(line),
        });
        return { ...result, lines };
      };

      test('a command gets its arguments as they are', async () => {
        const words = ['$(HOME)', '"quoted"', "it's", '& ; |', 'für 😀'];
        expect(await run(['echo', ...words])).toMatchObject({ exitCode: 0, lines: [words.join(' ')] });
      });

      test('a command that fails tells its exit code', async () => {
        expect(await run(['true'])).toMatchObject({ exitCode: 0 });
        expect(await run(['false'])).toMatchObject({ exitCode: 1 });
      });

      test('a command that runs is left when it is aborted', async () => {
        const aborting = new AbortController();
        const running = run(['sleep', '60'], aborting.signal);
        aborting.abort(new Error('its lease ran out'));
        await expect(running).rejects.toThrow('its lease ran out');
      });

      test('a command in a pod that is gone can be tried again', async () => {
        const lost = { namespace: place, pod: 'shop-gone', container: 'main', command: ['true'] };
        await expect(
          under.cluster.exec({ ...lost, signal: signal(), onLine: () => undefined }),
        ).rejects.toMatchObject({ code: 'cluster_away', retryable: true });
      });

      test('has logs, and none where there is no pod', async () => {
        const of = { namespace: place, container: 'main' };
        expect(await under.cluster.logs({ ...of, name: pod }, 10)).toBeInstanceOf(Array);
        expect(await under.cluster.logs({ ...of, name: 'shop-gone' }, 10)).toEqual([]);
      });
    });

    test('a claim waits for the pod that mounts it, and is bound then', async () => {
      await under.cluster.apply(claim('late', '1Mi'));
      await under.cluster.watch.until(place, () => phaseOf('late') === 'Pending' || undefined, signal());
      await under.cluster.apply(deployment('mounts-it', under.image, 'late'));
      const phase = () => (phaseOf('late') === 'Pending' ? undefined : phaseOf('late'));
      expect(await under.cluster.watch.until(place, phase, signal())).toBe('Bound');
    });

    test('a quota that is too small shows on the replica set, in words', async () => {
      await under.cluster.apply(object('ResourceQuota', 'small', { spec: { hard: { pods: '1' } } }));
      await under.cluster.apply(deployment('too-much', under.image));
      const diagnosis = await under.cluster.watch.until(
        place,
        () => diagnose({ pods: [], replicaSets: under.cluster.watch.list('ReplicaSet', place) }),
        signal(),
      );
      expect(diagnosis).toMatchObject({ code: 'quota_exceeded', patienceMs: 0 });
    });

    test('a claim that the quota has no room for is refused at once, in words', async () => {
      await under.cluster.apply(
        object('ResourceQuota', 'storage', { spec: { hard: { 'requests.storage': '2Mi' } } }),
      );
      // Kubernetes counts what is there before it counts on it.
      await until('the quota is in force', async () => {
        const quota = await under.cluster.get({ kind: 'ResourceQuota', name: 'storage', namespace: place });
        return JSON.stringify(quota?.['status'] ?? {}).includes('requests.storage');
      });
      await expect(under.cluster.apply(claim('too-large', '1Gi'))).rejects.toMatchObject({
        code: 'quota_exceeded',
        message: expect.stringContaining('The quota storage is too small'),
      });
    });

    test('a namespace that goes takes in nothing new, and says what holds it up', async () => {
      const name = `${place}-held`;
      const held = { kind: 'Namespace', name } as const;
      const inHeld = (finalizers: string[]): Manifest => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'holds', namespace: name, labels: labels(), finalizers },
        data: {},
      });
      const made = await makeNamespace(name);
      await under.cluster.apply(inHeld(['store-platform.dev/held']));
      await under.cluster.delete(held, made.metadata.uid);
      const another = { ...inHeld([]), metadata: { name: 'new', namespace: name, labels: labels() } };
      try {
        // Which code it gets is left to `kube-error.test.ts`: not every server gets its whole answer out.
        await expect(under.cluster.create(another)).rejects.toMatchObject({ retryable: true });
        await until(
          'Kubernetes says what holds it up',
          async () => JSON.stringify(await under.cluster.get(held)).includes('store-platform.dev/held'),
          { timeoutMs: patienceMs, everyMs: 200 },
        );
      } finally {
        await under.cluster.apply(inHeld([]));
      }
      await until('it is gone', async () => !(await under.cluster.get(held)), {
        timeoutMs: patienceMs,
        everyMs: 200,
      });
    });

    test('a namespace that is deleted takes everything with it, and the watch sees it go', async () => {
      await under.cluster.delete({ kind: 'Namespace', name: place }, namespace.metadata.uid);
      await under.cluster.watch.until(
        place,
        () => (under.cluster.watch.find('Namespace', undefined, place) ? undefined : true),
        signal(),
      );
      expect(await under.cluster.get({ kind: 'Namespace', name: place })).toBeUndefined();
      expect(await under.cluster.get(ref('ConfigMap', 'settings'))).toBeUndefined();
      await until('no pod left', () => under.cluster.watch.list('Pod', place).length === 0);
    });

    const podOf = (app: string) =>
      under.cluster.watch.list('Pod', place).find(({ metadata }) => metadata.labels?.['app'] === app);

    const readyReplicas = (app: string): number => {
      const status = under.cluster.watch.find('Deployment', place, app)?.['status'];
      const ready = typeof status === 'object' && status && 'readyReplicas' in status && status.readyReplicas;
      return Number(ready) || 0;
    };

    const claim = (claimName: string, storage: string) =>
      object('PersistentVolumeClaim', claimName, {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      });

    const phaseOf = (claimName: string): unknown => {
      const status = under.cluster.watch.find('PersistentVolumeClaim', place, claimName)?.['status'];
      return typeof status === 'object' && status && 'phase' in status && status.phase;
    };

    /** @param claimName a claim to mount, if any */
    const deployment = (app: string, image: string, claimName?: string): Manifest => {
      const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '50m', memory: '32Mi' } };
      const template = {
        metadata: { labels: { ...labels(), app } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'main',
              image,
              command: ['sleep', '3600'],
              resources,
              ...(claimName && { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
            },
          ],
          ...(claimName && { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] }),
        },
      };
      return object(
        'Deployment',
        app,
        { spec: { replicas: 1, selector: { matchLabels: { app } }, template } },
        'apps/v1',
      );
    };
  });
};
