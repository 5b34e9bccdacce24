import { describe, expect, test } from 'vitest';
import { until } from '../../testing/until.ts';
import {
  heldSecret,
  patience,
  releaseHeld,
  usePlace,
  type OpenedCluster,
  type Place,
  slowly,
} from '../testing/contract-place.ts';
import { conditionOf } from '../testing/read-object.ts';

/** How a store's namespace goes, and what it does until it has gone. */
export const namespacesContract = (opened: () => OpenedCluster): void => {
  describe('a namespace that goes', () => {
    const use = usePlace(opened);
    const ref = () => ({ kind: 'Namespace', name: use().name }) as const;
    const claim = () =>
      use().object('PersistentVolumeClaim', 'data', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
      });

    test('is held by a finalizer of what is in it, says so, takes nothing new, and then takes everything along', async () => {
      const { cluster, http, name, uid, object, see } = use();
      const metadata = { name: heldSecret.name, namespace: name, finalizers: [heldSecret.finalizer] };
      await cluster.create(object('Secret', heldSecret.name, { metadata }));
      await cluster.apply(claim());
      await use().run(withClaim(use()));

      await cluster.delete(ref(), '00000000-0000-4000-8000-000000000000');
      expect((await cluster.get(ref()))?.metadata.deletionTimestamp).toBeUndefined();
      await cluster.delete(ref(), uid);
      await see(() => cluster.watch.find('Namespace', undefined, name)?.metadata.deletionTimestamp);
      expect(await cluster.get(ref())).toMatchObject({ status: { phase: 'Terminating' } });

      const terminating = { code: 'namespace_terminating' };
      await expect(cluster.create(object('Secret', 'late'))).rejects.toMatchObject(terminating);
      await expect(cluster.apply(object('ConfigMap', 'late'))).rejects.toMatchObject(terminating);
      const again = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      expect(await cluster.create(again), 'the name').toBe('exists');

      await until(
        'the condition',
        async () => {
          const condition = conditionOf(await cluster.get(ref()), 'NamespaceFinalizersRemaining');
          return condition?.status === 'True' && condition.message.includes(heldSecret.finalizer);
        },
        slowly,
      );
      expect(cluster.watch.list('Pod', name)).toEqual([]);

      await releaseHeld(http, name);
      await cluster.watch.until(
        name,
        () => cluster.watch.find('Namespace', undefined, name) === undefined || undefined,
        patience(),
      );
      expect(await cluster.get(ref())).toBeUndefined();
      expect(await cluster.get(use().ref('PersistentVolumeClaim', 'data'))).toBeUndefined();
      for (const kind of ['Deployment', 'ReplicaSet', 'Pod', 'PersistentVolumeClaim'] as const) {
        await see(() => cluster.watch.list(kind, name).length === 0 || undefined);
      }
      await expect(cluster.apply(object('ConfigMap', 'late'))).rejects.toMatchObject({
        code: 'cluster_rejected',
      });
    });
  });
};

const withClaim = (place: Place) =>
  place.deployment(
    'shop',
    { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
  );
