import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { namedCluster } from './cluster/named-cluster.ts';

const context = (name: string) => ({ name, context: { cluster: name, user: name } });
const kubeconfig = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: ['current', 'chosen'].map((name) => ({ name, cluster: { server: `https://${name}.invalid` } })),
  users: ['current', 'chosen'].map((name) => ({ name, user: { token: 'of-the-test' } })),
  contexts: [context('current'), context('chosen')],
  'current-context': 'current',
};

const writeKubeconfig = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'named-cluster-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'kubeconfig');
  await writeFile(path, JSON.stringify(kubeconfig));
  return path;
};

describe('the cluster that the contract is run on', () => {
  it('is the one that is named, whatever the current context is', async () => {
    const KUBECONFIG = await writeKubeconfig();
    const { name, kubeConfig, image } = namedCluster({ KUBECONFIG, KUBE_CONTEXT: 'chosen' });
    expect([name, kubeConfig.getCurrentCluster()?.server]).toEqual(['chosen', 'https://chosen.invalid']);
    expect(image).toBe('wordpress:6.4-apache');
    const own = { STORE_WORDPRESS_IMAGE: 'registry.example/shop:1' };
    expect(namedCluster({ KUBECONFIG, KUBE_CONTEXT: 'chosen', ...own }).image).toBe(
      own.STORE_WORDPRESS_IMAGE,
    );
  });

  it('is none when none is named, although a kubeconfig has a current context', async () => {
    const KUBECONFIG = await writeKubeconfig();
    const refusal = /No cluster is named: set KUBE_CONTEXT/;
    expect(() => namedCluster({ KUBECONFIG })).toThrow(refusal);
    expect(() => namedCluster({ KUBECONFIG, KUBE_CONTEXT: '' })).toThrow(refusal);
    expect(() => namedCluster({ KUBERNETES_SERVICE_HOST: '10.0.0.1' })).toThrow(refusal);
  });

  it('is none that the kubeconfig does not know', async () => {
    const KUBECONFIG = await writeKubeconfig();
    expect(() => namedCluster({ KUBECONFIG, KUBE_CONTEXT: 'other' })).toThrow(
      'KUBE_CONTEXT is "other", and the kubeconfig knows current, chosen',
    );
  });
});
