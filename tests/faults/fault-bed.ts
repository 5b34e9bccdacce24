import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import {
  startClusterEmulator,
  type ClusterEmulator,
} from '../../services/cluster-emulator/src/cluster-emulator.ts';
import type { Closers } from '../../services/worker/src/closers.ts';
import { witnessCluster, type ClusterWitness } from './cluster-witness.ts';
import { openPlatformBed, openWhole, type PlatformBed, type PlatformBedOptions } from './platform-bed.ts';
import { createTroubledRuntime, type TroubledRuntime } from './troubled-runtime.ts';

export interface FaultBedOptions extends Pick<
  PlatformBedOptions,
  'backend' | 'databaseUrl' | 'program' | 'workers'
> {
  readonly settings?: Partial<PlatformBedOptions['settings']>;
}

/** A platform on an emulated cluster in this process, which can be made to do anything wrong. */
export interface FaultBed extends PlatformBed {
  readonly emulator: ClusterEmulator;
  readonly witness: ClusterWitness;
  readonly runtime: TroubledRuntime;
  /** Where the emulator keeps its claims. */
  readonly claimsDir: string;
}

/** Everything quicker; a busy machine may need seconds for a heartbeat. */
const bedSettings: PlatformBedOptions['settings'] = {
  timing: {
    beatEveryMs: 250,
    deadAfterMs: 6000,
    unclaimedAfterMs: 400,
    sweepEveryMs: { fast: 50, slow: 200, minute: 60_000, rare: 60_000 },
  },
  backoffMs: 50,
  stageTimeoutMs: 30_000,
  watch: { staleAfterMs: 20_000, restartAfterMs: 50 },
};

/** @throws Error with what the workers said when they don't start; nothing is left open then. */
export const openFaultBed = (options: FaultBedOptions): Promise<FaultBed> =>
  openWhole((closers) => open(options, closers));

const open = async ({ settings, ...options }: FaultBedOptions, closers: Closers): Promise<FaultBed> => {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  closers.add(() => rm(folder, { recursive: true, force: true }));
  const runtime = createTroubledRuntime();
  const kubeconfigPath = join(folder, 'kubeconfig');
  const emulator = await startClusterEmulator({
    dataDir: join(folder, 'cluster'),
    kubeconfigPath,
    ingressPort: 0,
    readyAfterMs: 50,
    runtime: () => runtime,
    logger: silentLogger,
  });
  closers.add(() => emulator.stop());
  const environment = { EMULATOR_KUBECONFIG: kubeconfigPath, INGRESS_PORT: String(emulator.ingressPort) };
  const shops = { baseDomain: 'localhost', publicPort: emulator.ingressPort };
  const platform = await openPlatformBed(
    { ...options, environment, settings: { ...bedSettings, ...settings } },
    { kubeconfigPath, shops },
    closers,
  );
  return {
    ...platform,
    emulator,
    witness: witnessCluster(emulator.store),
    runtime,
    claimsDir: join(folder, 'cluster', 'claims'),
  };
};
