import { describe, expect, test } from 'vitest';
import { usePlace, type OpenedCluster } from '../testing/contract-place.ts';
import { conditionOf, stringIn, valueIn } from '../testing/read-object.ts';

/** Claims get their volumes late, or never. */
export const volumesContract = (opened: () => OpenedCluster): void => {
  describe('a claim', () => {
    const use = usePlace(opened);
    const claim = (name: string, spec: object = {}) => {
      const content = {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Mi' } },
        ...spec,
      };
      const manifest = use().object('PersistentVolumeClaim', name, { spec: content });
      return {
        ...manifest,
        metadata: { ...manifest.metadata, labels: { ...manifest.metadata.labels, app: name } },
      };
    };
    const mounting = (name: string) =>
      use().deployment(
        name,
        { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
        { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }] },
      );
    const seen = (name: string) => use().cluster.watch.find('PersistentVolumeClaim', use().name, name);
    const phaseOf = (name: string) => stringIn(seen(name), 'status', 'phase');

    test('waits for its first pod, says so, and is bound when that comes', async () => {
      const { cluster, run } = use();
      const applied = await cluster.apply(claim('late'));
      expect(applied).toMatchObject({ spec: { volumeMode: 'Filesystem' } });
      expect(stringIn(applied, 'spec', 'storageClassName'), 'the default class').not.toBe('');
      expect(await use().event('late', 'WaitForFirstConsumer')).toMatchObject({
        type: 'Normal',
        message: expect.stringContaining('waiting for first consumer'),
      });
      expect(phaseOf('late')).toBe('Pending');

      await run(mounting('late'));
      await use().see(() => phaseOf('late') === 'Bound' || undefined);
      expect(valueIn(seen('late'), 'status', 'capacity')).toBeDefined();
    });

    test('of a class that does not exist stays pending, says so, and its pod gets no node', async () => {
      await use().cluster.apply(claim('classless', { storageClassName: 'no-such-class' }));
      await use().cluster.apply(mounting('classless'));
      const found = await use().diagnosis('classless', 'volume_pending', ({ isVague }) => !isVague);
      expect(found).toMatchObject({
        message: 'The claim classless asks for the storage class no-such-class, which does not exist.',
        patienceMs: 0,
      });
      await use().see(
        () =>
          conditionOf(use().list('Pod', 'classless')[0], 'PodScheduled')?.reason === 'Unschedulable' ||
          undefined,
      );
      expect(conditionOf(use().list('Pod', 'classless')[0], 'PodScheduled')?.message).toMatch(
        /unbound immediate PersistentVolumeClaims/,
      );
      expect(phaseOf('classless')).toBe('Pending');
    });

    test('that is not there leaves its pod without a node, which names it, and goes on when it is made', async () => {
      await use().cluster.apply(mounting('forgotten'));
      const found = await use().diagnosis('forgotten', 'volume_pending');
      expect(found.message).toContain('persistentvolumeclaim "forgotten" not found');
      await use().cluster.apply(claim('forgotten'));
      await use().see(
        () => conditionOf(use().list('Pod', 'forgotten')[0], 'Ready')?.status === 'True' || undefined,
      );
    });
  });
};
