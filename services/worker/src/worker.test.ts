import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readWorkerConfig } from '@store-platform/shared/config/worker-config';
import { startScriptedApi } from '@store-platform/shared/kube/testing/scripted-api';
import { insertSampleStore } from '@store-platform/shared/testing/sample-store';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { until } from '@store-platform/shared/testing/until';
import { startWorker } from './worker.ts';

const timing = {
  beatEveryMs: 100,
  deadAfterMs: 8000,
  unclaimedAfterMs: 500,
  sweepEveryMs: { fast: 50, slow: 200, minute: 60_000, rare: 60_000 },
};

/** A kubeconfig for the emulator's role that leads to `server`. */
const kubeconfigFor = async (server: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'kubeconfig');
  const config = {
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(path, JSON.stringify(config));
  return path;
};

const setUp = async (kubeconfig: string) => {
  const { db, url } = await useTestDatabase();
  const config = readWorkerConfig({ DATABASE_URL: url, EMULATOR_KUBECONFIG: kubeconfig, INGRESS_PORT: '1' });
  const start = () => startWorker({ config, timing, logger: silentLogger, onBroken: () => {} });
  const connections = async () =>
    db.query(
      "select application_name from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name <> 'test'",
    );
  const allClosed = () => until('every connection is closed', async () => (await connections()).length === 0);
  return { db, start, allClosed };
};

it('a worker that can not start leaves nothing open', async () => {
  const { start, allClosed } = await setUp(await kubeconfigFor('https://far.example'));
  await expect(start()).rejects.toThrow('not on this machine');
  await allClosed();
});

it('a worker that stops hands back what it runs, at once, and leaves nothing open', async () => {
  const system = { metadata: { name: 'kube-system', uid: 'c', resourceVersion: '1' } };
  const api = await startScriptedApi((request, response) => {
    if (request.url?.includes('authorization.k8s.io')) {
      const resourceRules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
      response.end(JSON.stringify({ status: { resourceRules } }));
      return;
    }
    // A create and a watch are never answered.
    if (request.method !== 'GET' || request.url?.includes('watch=1')) return;
    const list = { metadata: { resourceVersion: '1' }, items: [] };
    response.end(JSON.stringify(request.url?.endsWith('kube-system') ? system : list));
  });
  const server = api.endpoint.getCurrentCluster()?.server ?? '';
  const { db, start, allClosed } = await setUp(await kubeconfigFor(server));
  await insertSampleStore(db);
  const worker = await start();
  onTestFinished(() => worker.stop());
  await until('the namespace is asked for', () =>
    api.asked.some((call) => call.startsWith('POST /api/v1/namespaces')),
  );
  await worker.stop();
  expect(await db.query("select status, attempt, deaths from stage_runs where stage = 'namespace'")).toEqual([
    { status: 'due', attempt: 1, deaths: 0 },
  ]);
  expect(await db.query('select 1 from workers where dead_at is null')).toEqual([]);
  expect(await db.query("select message from store_events where event_type = 'stage_handed_back'")).toEqual([
    { message: 'Handed back: its worker stops.' },
  ]);
  await allClosed();
});
