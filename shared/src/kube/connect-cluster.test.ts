import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { connectCluster, findNamedContext } from './connect-cluster.ts';

const kubeconfig = (server: string, name = 'kind-store') => `apiVersion: v1
kind: Config
clusters: [{ name: at-${name}, cluster: { server: "${server}" } }]
users: [{ name: me, user: { token: t } }]
contexts:
  - { name: ${name}, context: { cluster: at-${name}, user: me } }
  - { name: production, context: { cluster: at-${name}, user: me } }
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

test('of several kubeconfigs the one that knows the context is taken', async () => {
  const [one, other] = [await useKubeconfig(), await useKubeconfig()];
  await writeFile(other, kubeconfig('https://127.0.0.1:6444', 'other-kind'));
  const paths = [one, other].join(delimiter);
  const connected = connectCluster({ kind: 'context', kubeconfigPath: paths, name: 'other-kind' });
  expect(connected.getCurrentCluster()?.server).toBe('https://127.0.0.1:6444');
});

test('a file that is no kubeconfig is a fault that names it', async () => {
  const kubeconfigPath = await useKubeconfig();
  await writeFile(kubeconfigPath, 'clusters: [{ name');
  expect(() => connectCluster({ kind: 'context', kubeconfigPath, name: 'kind-store' })).toThrow(
    `KUBECONFIG names ${kubeconfigPath}, which is no kubeconfig`,
  );
});

test('a context is looked for though other settings are at fault, and only where one is named', async () => {
  const KUBECONFIG = await useKubeconfig();
  expect(() => findNamedContext({ PORT: 'abc', KUBECONFIG, KUBE_CONTEXT: 'nope' })).toThrow(ConfigError);
  expect(() => findNamedContext({ KUBECONFIG, KUBE_CONTEXT: 'kind-store' })).not.toThrow();
  expect(() => findNamedContext({ KUBECONFIG: '/nowhere' })).not.toThrow();
});

test('the emulated cluster is one on this machine', async () => {
  const near = await useKubeconfig('https://127.0.0.1:6443');
  expect(() => connectCluster({ kind: 'emulated', kubeconfigPath: near, name: 'e' })).not.toThrow();
  const far = await useKubeconfig('https://10.1.2.3:6443');
  expect(() => connectCluster({ kind: 'emulated', kubeconfigPath: far, name: 'e' })).toThrow(
    /leads to https:\/\/10\.1\.2\.3:6443, which is not on this machine/,
  );
});
