import { describe, expect, it } from 'vitest';
import { readWorkerConfig } from './worker-config.ts';

const database = { DATABASE_URL: 'postgres://db/x' };

describe('a worker', () => {
  it('that is started by itself needs a database and a cluster, and says so beside all else', () => {
    expect(() => readWorkerConfig({ WORKER_CONCURRENCY: '0' })).toThrow(
      expect.objectContaining({
        faults: [
          expect.stringMatching(/^WORKER_CONCURRENCY is "0"/),
          expect.stringMatching(/^DATABASE_URL is not set/),
          expect.stringMatching(/^KUBE_CONTEXT is not set/),
        ],
      }),
    );
  });

  it('reaches shops through the emulated ingress on this machine', () => {
    const emulated = { ...database, EMULATOR_KUBECONFIG: '/k', INGRESS_PORT: '8081' };
    expect(readWorkerConfig(emulated)).toMatchObject({
      cluster: { kind: 'emulated', kubeconfigPath: '/k' },
      ingressAddress: { host: '127.0.0.1', port: 8081, isChosen: true },
      concurrency: 200,
    });
  });

  it('has room for the two stages that each active store may run at a time', () => {
    const concurrency = (changes: Record<string, string>) =>
      readWorkerConfig({ ...database, KUBE_CONTEXT: 'c', ...changes }).concurrency;
    expect([
      concurrency({ MAX_ACTIVE_STORES: '500' }),
      concurrency({ MAX_ACTIVE_STORES: '100000' }),
      concurrency({ MAX_ACTIVE_STORES: '500', WORKER_CONCURRENCY: '7' }),
    ]).toEqual([1000, 2000, 7]);
  });

  it('reaches shops through the cluster’s own ingress, or where it is told to', () => {
    const cluster = { ...database, KUBE_CONTEXT: 'c', CLUSTER_IP: '10.1.2.3' };
    expect(readWorkerConfig(cluster).ingressAddress).toEqual({ host: '10.1.2.3', port: 80, isChosen: false });
    expect(readWorkerConfig({ ...cluster, INGRESS_ADDRESS: 'traefik:8000' }).ingressAddress).toEqual({
      host: 'traefik',
      port: 8000,
      isChosen: true,
    });
  });
});
