import type { RequestListener } from 'node:http';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { freePort } from '../process/free-port.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { KubeStatusError } from './kube-error.ts';
import { openCluster } from './open-cluster.ts';
import { startError } from './start-error.ts';
import { startScriptedApi } from './testing/scripted-api.ts';

const kubeConfigFor = (server: string): KubeConfig => {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: [{ name: 'c', server, skipTLSVerify: true }],
    users: [{ name: 'ann', token: 'old' }],
    contexts: [{ name: 'shops', cluster: 'c', user: 'ann' }],
    currentContext: 'shops',
  });
  return kubeConfig;
};
const open = (server: string) =>
  openCluster({ kubeConfig: kubeConfigFor(server), installationId: 'i', logger: silentLogger });
const openScripted = async (answer: RequestListener) => {
  const api = await startScriptedApi(answer);
  return open(api.endpoint.getCurrentCluster()?.server ?? '');
};
const refusal = (reason: string, message: string) => JSON.stringify({ reason, message });

describe('a start with a cluster', () => {
  test('that does not run ends with its context, its address and what to do', async () => {
    const server = `http://127.0.0.1:${await freePort()}`;
    await expect(open(server)).rejects.toMatchObject({
      code: 'cluster_away',
      message: expect.stringMatching(
        new RegExp(`^The cluster of the context "shops", ${server}, does not answer \\(connect ECONNREFUSED`),
      ),
      hint: 'Start the cluster, correct its address in the kubeconfig, or name another context in KUBE_CONTEXT.',
    });
  });

  test('that refuses the token names the user', async () => {
    const opened = openScripted((_, response) =>
      response.writeHead(401).end(refusal('Unauthorized', 'Unauthorized')),
    );
    await expect(opened).rejects.toMatchObject({
      code: 'cluster_unauthenticated',
      message: expect.stringContaining('does not accept the credentials of the user "ann" (Unauthorized).'),
      hint: 'Renew its token or certificate in the kubeconfig.',
    });
  });

  test('that refuses what the watch needs ends at once, instead of waiting for ever', async () => {
    const words =
      'pods is forbidden: User "ann" cannot list resource "pods" in API group "" at the cluster scope';
    const opened = openScripted(({ url = '' }, response) => {
      if (url.startsWith('/api/v1/pods')) return response.writeHead(403).end(refusal('Forbidden', words));
      const system = { metadata: { name: 'kube-system', uid: 'c', resourceVersion: '1' } };
      const list = { metadata: { resourceVersion: '1' }, items: [] };
      return response.end(JSON.stringify(url.endsWith('kube-system') ? system : list));
    });
    await expect(opened).rejects.toMatchObject({
      code: 'cluster_forbidden',
      message: `The platform may not list pods: ${words}`,
      hint: 'Give the platform\'s role the verb "list" on "pods", then retry.',
    });
  });

  test('that is no Kubernetes says so', async () => {
    const opened = openScripted((_, response) => response.writeHead(404).end('<html>Nothing here</html>'));
    await expect(opened).rejects.toMatchObject({ message: expect.stringContaining('is no Kubernetes') });
  });

  test.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate'],
    ['CERT_HAS_EXPIRED', 'certificate has expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames"],
  ])('whose certificate is unknown (%s) says where it is looked for', (code, message) => {
    const error = Object.assign(new Error(message), { code });
    expect(startError(error, kubeConfigFor('https://10.0.0.1:6443'))).toMatchObject({
      code: 'cluster_away',
      message: `The cluster of the context "shops", https://10.0.0.1:6443, shows a certificate that the kubeconfig does not vouch for (${message}).`,
      hint: expect.stringContaining('certificate-authority-data'),
    });
  });

  test('that is ill is said not to answer; what is no fault of the cluster stays what it is', () => {
    const kubeConfig = kubeConfigFor('https://10.0.0.1:6443');
    expect(startError(new KubeStatusError(503, ''), kubeConfig)).toMatchObject({ code: 'cluster_away' });
    const fault = new TypeError('x is not a function');
    expect(startError(fault, kubeConfig)).toBe(fault);
  });
});
