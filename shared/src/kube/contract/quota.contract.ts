import { beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../testing/until.ts';
import { patienceMs, usePlace, type OpenedCluster, type Place, slowly } from '../testing/contract-place.ts';
import { conditionOf, stringIn, valueIn } from '../testing/read-object.ts';

const figures = (memory: string) => ({
  requests: { cpu: '10m', memory: '16Mi' },
  limits: { cpu: '100m', memory },
});

const applyQuota = async ({ cluster, object, ref }: Place, hard: Readonly<Record<string, string>>) => {
  await cluster.apply(object('ResourceQuota', 'small', { spec: { hard } }));
  const isCounted = async () =>
    valueIn(await cluster.get(ref('ResourceQuota', 'small')), 'status', 'used') !== undefined;
  await until('the quota is counted', isCounted, slowly);
};

/** What a namespace may use, and what its containers get that say nothing. */
export const quotaContract = (opened: () => OpenedCluster): void => {
  describe('a quota', () => {
    const use = usePlace(opened);
    const claim = (name: string, storage: string) =>
      use().object('PersistentVolumeClaim', name, {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      });

    beforeAll(
      () =>
        applyQuota(use(), {
          'limits.memory': '96Mi',
          'requests.storage': '5Mi',
          persistentvolumeclaims: '1',
        }),
      patienceMs,
    );

    test('that is too small for a pod shows on the replica set, with its figures', async () => {
      await use().cluster.apply(use().deployment('too-much', { resources: figures('1Gi') }));
      const found = await use().diagnosis('too-much', 'quota_exceeded');
      expect(found).toMatchObject({
        message: expect.stringMatching(
          /^The quota small is too small: limits\.memory=1Gi is asked for, limits\.memory=\S+ is used, limits\.memory=96Mi is allowed\.$/,
        ),
        patienceMs: 0,
      });
      const [set] = use().list('ReplicaSet', 'too-much');
      expect(conditionOf(set, 'ReplicaFailure')).toMatchObject({ status: 'True', reason: 'FailedCreate' });
    });

    test('refuses a container that does not say what it wants', async () => {
      await use().cluster.apply(use().deployment('silent', { resources: {} }));
      const found = await use().diagnosis('silent', 'cluster_rejected');
      expect(found.message).toMatch(/failed quota: small: must specify limits\.memory/);
    });

    test('refuses a claim at once, in the same words', async () => {
      const refused = use().cluster.apply(claim('large', '10Mi'));
      await expect(refused).rejects.toMatchObject({
        code: 'quota_exceeded',
        message:
          'The quota small is too small: requests.storage=10Mi is asked for, requests.storage=0 is used, requests.storage=5Mi is allowed.',
      });
    });

    test('counts an init container only where it wants more than the containers after it', async () => {
      const { image, cluster, ref } = use();
      const initContainers = [
        { name: 'first', image, command: ['true'], resources: figures('64Mi') },
        { name: 'second', image, command: ['true'], resources: figures('80Mi') },
      ];
      const deployment = use().deployment('prepared', { resources: figures('64Mi') }, { initContainers });
      await use().run(deployment);
      const used = async () =>
        stringIn(await cluster.get(ref('ResourceQuota', 'small')), 'status', 'used', 'limits.memory');
      await until('it is counted', async () => (await used()) === '80Mi', slowly);
      expect(await used()).toBe('80Mi');
    });
  });

  describe('a limit range', () => {
    const use = usePlace(opened);

    test('gives its figures to containers that say nothing, so that a quota admits them', async () => {
      const { cluster, object } = use();
      const limit = {
        type: 'Container',
        default: { cpu: '50m', memory: '48Mi' },
        defaultRequest: { cpu: '10m', memory: '16Mi' },
      };
      await cluster.apply(object('LimitRange', 'limits', { spec: { limits: [limit] } }));
      await applyQuota(use(), { 'limits.memory': '96Mi' });
      await use().run(use().deployment('modest', { resources: {} }));
      expect(valueIn(use().list('Pod', 'modest')[0], 'spec', 'containers', 0, 'resources')).toEqual({
        limits: limit.default,
        requests: limit.defaultRequest,
      });
    });
  });
};
