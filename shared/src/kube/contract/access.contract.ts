import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../testing/silent-logger.ts';
import { objectPath } from '../kube-object.ts';
import { openCluster } from '../open-cluster.ts';
import type { OpenedCluster } from '../testing/contract-place.ts';

/** Who the cluster is, who may enter, and what a look ahead finds. */
export const accessContract = (opened: () => OpenedCluster): void => {
  describe('a cluster', () => {
    test('has an identity of its own', async () => {
      const { cluster, http } = opened();
      expect(cluster.uid).toMatch(/^\S{8,}$/);
      const path = objectPath({ kind: 'Namespace', name: 'kube-system' });
      const found = await http.call({ method: 'GET', path, repeatable: true });
      expect(found).toMatchObject({ metadata: { uid: cluster.uid } });
    });

    test('does not let in whoever has a wrong token, and says so', async () => {
      const stranger = new KubeConfig();
      const server = opened().kubeConfig.getCurrentCluster();
      if (!server) throw new Error('The kubeconfig names no cluster');
      stranger.loadFromClusterAndUser(server, { name: 'stranger', token: 'not-the-token' });
      const entering = openCluster({ kubeConfig: stranger, installationId: 'none', logger: silentLogger });
      await expect(entering).rejects.toMatchObject({
        code: 'cluster_unauthenticated',
        message: expect.stringContaining('does not accept the credentials of the user "stranger"'),
      });
    });

    test('says what the platform may do', async () => {
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb: 'create', group: '', resource: 'pods', subresource: 'exec' } },
      };
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const answer = await opened().http.call({ method: 'POST', path, body: review, repeatable: false });
      expect(answer).toMatchObject({ status: { allowed: true } });
    });

    test('is looked over: a default storage class, all permissions, and its ingress classes by name', async () => {
      expect(await opened().cluster.preflight.look('no-such-class')).toEqual([
        {
          code: 'no_ingress_class',
          message: expect.stringMatching(
            /^The cluster has no ingress class "no-such-class".*\(there is [^)]+\)\.$/,
          ),
          hint: expect.any(String),
        },
      ]);
    });
  });
};
