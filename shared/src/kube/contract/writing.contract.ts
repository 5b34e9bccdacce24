import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../kube-object.ts';
import { objectPath } from '../kube-object.ts';
import { usePlace, type OpenedCluster } from '../testing/contract-place.ts';
import { listIn, stringIn, valueIn } from '../testing/read-object.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Apply, create and delete: everything that the platform writes goes through these. */
export const writingContract = (opened: () => OpenedCluster): void => {
  describe('writing', () => {
    const use = usePlace(opened);
    const config = (name: string, data: Record<string, string>) => use().object('ConfigMap', name, { data });
    const secret = (name: string, data: Record<string, string>) =>
      use().object('Secret', name, {
        type: 'Opaque',
        data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(text)])),
      });
    const service = () =>
      use().object('Service', 'shop', {
        spec: {
          selector: { app: 'shop' },
          ports: [{ name: 'http', port: 80, targetPort: 80, protocol: 'TCP' }],
        },
      });
    const ingress = () => {
      const backend = { service: { name: 'shop', port: { number: 80 } } };
      const rules = [
        {
          host: `${use().name}.localhost`,
          http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
        },
      ];
      return use().object('Ingress', 'shop', { spec: { rules } }, 'networking.k8s.io/v1');
    };
    const policy = () => {
      const from = [{ podSelector: { matchLabels: { app: 'shop' } } }];
      const rules = [{ from, ports: [{ protocol: 'TCP', port: 80 }] }];
      const spec = {
        podSelector: { matchLabels: { app: 'shop' } },
        policyTypes: ['Ingress'],
        ingress: rules,
      };
      return use().object('NetworkPolicy', 'shop', { spec }, 'networking.k8s.io/v1');
    };
    const limits = () => {
      // As people write them; Kubernetes keeps 1000m as 1.
      const spec = {
        limits: [{ type: 'Container', default: { cpu: '1000m' }, defaultRequest: { cpu: '10m' } }],
      };
      return use().object('LimitRange', 'limits', { spec });
    };

    test('an apply that changes nothing changes nothing', async () => {
      const manifests = [
        config('same', { a: '1' }),
        secret('same', { a: '1' }),
        service(),
        policy(),
        limits(),
      ];
      for (const manifest of manifests) {
        const first = await use().cluster.apply(manifest);
        const second = await use().cluster.apply(manifest);
        expect(second.metadata.resourceVersion, manifest.kind).toBe(first.metadata.resourceVersion);
      }
    });

    test('an apply that changes nothing asks no controller to act', async () => {
      const resources = {
        requests: { cpu: '1000m', memory: '1024Mi' },
        limits: { cpu: '1000m', memory: '1024Mi' },
      };
      const container = {
        resources,
        ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }],
        env: [{ name: 'A', value: '1' }],
      };
      const deployment = use().deployment('idle', container);
      const none = { ...deployment, spec: { ...Object(deployment['spec']), replicas: 0 } };
      for (const manifest of [none, ingress()]) {
        const first = await use().cluster.apply(manifest);
        const second = await use().cluster.apply(manifest);
        expect(first.metadata.generation, manifest.kind).toBe(1);
        expect(second.metadata.generation, manifest.kind).toBe(1);
      }
    });

    test('an ingress is kept as it was written', async () => {
      await use().cluster.apply(ingress());
      const found = await use().cluster.get(use().ref('Ingress', 'shop'));
      expect(found).toMatchObject({ spec: ingress()['spec'] });
    });

    test('an apply takes away what it no longer names', async () => {
      await use().cluster.apply(config('shrinks', { a: '1', b: '2' }));
      expect(await use().cluster.apply(config('shrinks', { a: '1' }))).toMatchObject({ data: { a: '1' } });
      const found = await use().cluster.get(use().ref('ConfigMap', 'shrinks'));
      expect(found?.['data']).toEqual({ a: '1' });
    });

    test('an apply takes a list’s item away by its name, and leaves the others in their order', async () => {
      const withEnv = (...names: string[]) => {
        const deployment = use().deployment('listed', { env: names.map((name) => ({ name, value: name })) });
        return { ...deployment, spec: { ...Object(deployment['spec']), replicas: 0 } };
      };
      const namesIn = (object: KubeObject) =>
        listIn(object, 'spec', 'template', 'spec', 'containers', 0, 'env').map((entry) =>
          stringIn(entry, 'name'),
        );
      expect(namesIn(await use().cluster.apply(withEnv('A', 'B', 'C')))).toEqual(['A', 'B', 'C']);
      expect(namesIn(await use().cluster.apply(withEnv('A', 'C')))).toEqual(['A', 'C']);
    });

    test('an apply puts back what somebody else changed, and leaves alone what is theirs', async () => {
      const ref = use().ref('Secret', 'shared');
      const ours = secret('shared', { ours: 'first' });
      await use().cluster.apply(ours);
      await use().patchAsOther(ref, {
        metadata: { annotations: { note: 'theirs' } },
        data: { ours: base64('changed'), theirs: base64('theirs') },
      });
      const after = await use().cluster.apply(ours);
      expect(after).toMatchObject({ data: { ours: base64('first'), theirs: base64('theirs') } });
      expect(valueIn(after, 'metadata', 'annotations', 'note')).toBe('theirs');
      expect(ownersOf(after, 'f:ours')).toEqual(['store-platform Apply']);
      expect(ownersOf(after, 'f:theirs')).toEqual(['somebody-else Update']);
    });

    test('an apply without force meets a conflict that names the field and whose it is', async () => {
      const ref = use().ref('Secret', 'contested');
      await use().cluster.apply(secret('contested', { key: 'first' }));
      await use().patchAsOther(ref, { data: { key: base64('theirs') } });
      const unforced = use().http.call({
        method: 'PATCH',
        path: `${objectPath(ref)}?fieldManager=store-platform`,
        body: secret('contested', { key: 'first' }),
        contentType: 'application/apply-patch+yaml',
        repeatable: false,
      });
      await expect(unforced).rejects.toMatchObject({
        status: 409,
        reason: 'Conflict',
        message: expect.stringMatching(/conflict with "somebody-else".*\.data\.key/s),
      });
    });

    test('a create keeps what is there', async () => {
      expect(await use().cluster.create(secret('created', { value: 'first' }))).not.toBe('exists');
      expect(await use().cluster.create(secret('created', { value: 'second' }))).toBe('exists');
      const found = await use().cluster.get(use().ref('Secret', 'created'));
      expect(found?.['data']).toEqual({ value: base64('first') });
    });

    test('an object that is wrong is refused, and its fields are named', async () => {
      const noImage = use().deployment('wrong', { image: undefined }, {});
      await expect(use().cluster.apply(noImage)).rejects.toMatchObject({
        code: 'cluster_rejected',
        message: expect.stringContaining('spec.template.spec.containers[0].image: Required value'),
      });
      const noPort = use().object('Service', 'wrong', {
        spec: { ports: [{ port: 80_000, protocol: 'TCP' }] },
      });
      await expect(use().cluster.apply(noPort)).rejects.toMatchObject({
        code: 'cluster_rejected',
        message: expect.stringContaining('spec.ports[0].port: Invalid value: 80000'),
      });
      const noMode = use().object('PersistentVolumeClaim', 'wrong', {
        spec: { resources: { requests: { storage: '1Mi' } } },
      });
      await expect(use().cluster.apply(noMode)).rejects.toMatchObject({
        code: 'cluster_rejected',
        message: expect.stringContaining('spec.accessModes: Required value'),
      });
      await expect(use().cluster.create(secret('No Name', {}))).rejects.toMatchObject({
        code: 'cluster_rejected',
        message: expect.stringContaining('metadata.name: Invalid value: "No Name"'),
      });
    });

    test('a delete takes the object that was meant, and no other of its name', async () => {
      const { cluster, ref } = use();
      const { metadata } = await cluster.apply(config('doomed', {}));
      await cluster.delete(ref('ConfigMap', 'doomed'), '00000000-0000-4000-8000-000000000000');
      expect(await cluster.get(ref('ConfigMap', 'doomed'))).toBeDefined();
      await cluster.delete(ref('ConfigMap', 'doomed'), metadata.uid);
      expect(await cluster.get(ref('ConfigMap', 'doomed'))).toBeUndefined();
      await cluster.delete(ref('ConfigMap', 'doomed'), metadata.uid);
    });

    test('writing into a namespace that is not there says so', async () => {
      const metadata = { name: 'lost', namespace: `${use().name}-not-there` };
      const gone = { code: 'cluster_rejected', hint: expect.stringContaining('Retry the store') };
      await expect(use().cluster.apply({ ...config('lost', {}), metadata })).rejects.toMatchObject(gone);
      await expect(use().cluster.create({ ...secret('lost', {}), metadata })).rejects.toMatchObject(gone);
    });
  });
};

/** Who owns a field of `data`. */
const ownersOf = (object: KubeObject, field: string): string[] =>
  listIn(object, 'metadata', 'managedFields')
    .filter((entry) => valueIn(entry, 'fieldsV1', 'f:data', field) !== undefined)
    .map((entry) => `${stringIn(entry, 'manager')} ${stringIn(entry, 'operation')}`);
