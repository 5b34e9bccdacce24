import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectCluster } from './connect-cluster.ts';

const kubeconfig = (server: string) => `apiVersion: v1
kind: Config
clusters: [{ name: here, cluster: { server: "${server}" } }]
users: [{ name: me, user: { token: t } }]
contexts:
  - { name: kind-store, context: { cluster: here, user: me } }
  - { name: production, context: { cluster: here, user: me } }
current-context: production
`;

const useKubeconfig = async (server = 'https://127.0.0.1:6443'): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'config');
  await writeFile(path, kubeconfig(server));
  return path;
};

test('takes the context that was named, not the one that the kubeconfig prefers', async () => {
  const kubeconfigPath = await useKubeconfig();
  const connected = connectCluster({ kind: 'context', kubeconfigPath, name: 'kind-store' });
  expect(connected.getCurrentContext()).toBe('kind-store');
});

test('a context that is not there is a fault that names those that are', async () => {
  const kubeconfigPath = await useKubeconfig();
  expect(() => connectCluster({ kind: 'context', kubeconfigPath, name: 'nope' })).toThrow(
    /KUBE_CONTEXT is "nope", and the kubeconfig knows kind-store, production/,
  );
});

test('a kubeconfig that is not there is a fault that names it', () => {
  expect(() =>
    connectCluster({ kind: 'context', kubeconfigPath: '/nowhere/config', name: 'kind-store' }),
  ).toThrow(/KUBECONFIG names \/nowhere\/config/);
});

test('the emulated cluster is one on this machine', async () => {
  const near = await useKubeconfig('https://127.0.0.1:6443');
  expect(() => connectCluster({ kind: 'emulated', kubeconfigPath: near, name: 'e' })).not.toThrow();
  const far = await useKubeconfig('https://10.1.2.3:6443');
  expect(() => connectCluster({ kind: 'emulated', kubeconfigPath: far, name: 'e' })).toThrow(
    /leads to https:\/\/10\.1\.2\.3:6443, which is not on this machine/,
  );
});
