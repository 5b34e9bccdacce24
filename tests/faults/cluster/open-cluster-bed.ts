import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { platformConfig } from '@store-platform/shared/config/platform-config';
import { readSettings, type Environment } from '@store-platform/shared/config/settings';
import { readInstallationId } from '@store-platform/shared/db/store-observations';
import type { ConnectedCluster } from '@store-platform/shared/kube/cluster';
import { createKubeHttp, type KubeHttp } from '@store-platform/shared/kube/kube-http';
import { openCluster } from '@store-platform/shared/kube/open-cluster';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import type { Closers } from '../../../services/worker/src/closers.ts';
import { workerTiming } from '../../../services/worker/src/worker-timing.ts';
import { namedCluster } from '../../cluster/named-cluster.ts';
import { removeLeftovers } from '../../cluster/remove-leftovers.ts';
import { openPlatformBed, openWhole, type PlatformBed, type PlatformBedOptions } from '../platform-bed.ts';

/** A platform on the cluster that KUBE_CONTEXT names. */
export interface ClusterBed extends PlatformBed {
  /** Past the proxy: for whoever looks. */
  readonly cluster: ConnectedCluster;
  readonly http: KubeHttp;
}

/** As in production: what a real cluster needs its time for, it needs. */
const settings: PlatformBedOptions['settings'] = {
  timing: workerTiming,
  backoffMs: 1000,
  stageTimeoutMs: 600_000,
  watch: { staleAfterMs: 100_000, restartAfterMs: 500 },
};

/** What of an environment says where the cluster is, and what stores are made of. */
const ofCluster = /^(KUBE|CLUSTER_|INGRESS_|STORE_)/;

/**
 * @throws ConfigError when no cluster is named
 * @throws Error with what the workers said when they don't start; nothing is left open then.
 */
export const openClusterBed = (
  options: Pick<PlatformBedOptions, 'backend' | 'databaseUrl' | 'program'>,
  environment: Environment,
): Promise<ClusterBed> => openWhole((closers) => open(options, environment, closers));

const open = async (
  options: Pick<PlatformBedOptions, 'backend' | 'databaseUrl' | 'program'>,
  environment: Environment,
  closers: Closers,
): Promise<ClusterBed> => {
  const { kubeConfig, name } = namedCluster(environment);
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  closers.add(() => rm(folder, { recursive: true, force: true }));
  const kubeconfigPath = join(folder, 'kubeconfig');
  await writeFile(
    kubeconfigPath,
    onlyCurrent(kubeConfig.exportConfig(), kubeConfig.getCurrentCluster()?.name),
    {
      mode: 0o600,
    },
  );
  const asNamed = Object.entries(environment).flatMap(([key, value]): [string, string][] =>
    value !== undefined && ofCluster.test(key) ? [[key, value]] : [],
  );
  const bed = await openPlatformBed(
    {
      ...options,
      settings,
      environment: { ...Object.fromEntries(asNamed), KUBE_CONTEXT: name, KUBECONFIG: kubeconfigPath },
    },
    { kubeconfigPath, shops: platformConfig(readSettings(environment), '') },
    closers,
  );
  const installationId = await readInstallationId(bed.db);
  const cluster = await openCluster({ kubeConfig, installationId, logger: silentLogger });
  closers.add(async () => cluster.close());
  const http = await createKubeHttp(kubeConfig);
  closers.add(async () => http.close());
  // Whatever happens, nothing is left on a cluster that is somebody's. The workers have ended by then.
  const close = async () => {
    await bed.workers.stop('killed');
    try {
      await removeLeftovers(cluster, http);
    } finally {
      await bed.close();
    }
  };
  return { ...bed, cluster, http, close };
};

const Exported = z.looseObject({ clusters: z.array(z.looseObject({ name: z.string() })) });

/** A kubeconfig may name many clusters. @returns it with this one alone */
const onlyCurrent = (exported: string, current: string | undefined): string => {
  const config = Exported.parse(JSON.parse(exported));
  return JSON.stringify({ ...config, clusters: config.clusters.filter(({ name }) => name === current) });
};
