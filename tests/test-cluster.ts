import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { createKubeHttp } from '@store-platform/shared/kube/kube-http';
import { openCluster } from '@store-platform/shared/kube/open-cluster';
import { sentenceOf } from '@store-platform/shared/process/sentence-of';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { removeLeftovers } from './cluster/remove-leftovers.ts';
import { namedCluster } from './cluster/named-cluster.ts';

// `npm run test:cluster`: puts the cluster that KUBE_CONTEXT names through the contract that the emulator fulfils in
// `npm test`. Ends with 1 when no cluster is named, or it can't be entered, or breaks the contract; leaves nothing there.

/** What follows `--`, e.g. `-t quota`, is Vitest's. */
const runTests = async (installationId: string): Promise<number> => {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tests/cluster/vitest.config.ts'];
  const child = spawn(process.execPath, [...vitest, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, CONTRACT_INSTALLATION: installationId },
  });
  // Ctrl-C reaches both; what the tests have made is removed all the same.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
};

const run = async (): Promise<number> => {
  const { name, kubeConfig, image } = namedCluster(withDotEnv(process.env, process.cwd()));
  const installationId = `contract-${randomUUID()}`;
  const cluster = await openCluster({ kubeConfig, installationId, logger: silentLogger });
  const http = await createKubeHttp(kubeConfig);
  const server = kubeConfig.getCurrentCluster()?.server;
  process.stdout.write(`On the cluster of the context "${name}", ${server}, with the image ${image}\n`);
  try {
    return await runTests(installationId);
  } finally {
    for (const left of await removeLeftovers(cluster, http))
      process.stdout.write(`The namespace ${left} was left behind; it is removed.\n`);
    cluster.close();
    http.close();
  }
};

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = 1;
}
