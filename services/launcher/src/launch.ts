import { setTimeout as wait } from 'node:timers/promises';
import type {
  EmbeddedPostgres,
  EmbeddedPostgresOptions,
} from '@store-platform/shared/embedded-postgres/embedded-postgres';
import { checkPorts } from './check-ports.ts';
import { claimDataFolder, type DataFolder } from './data-folder.ts';
import { endLeftovers } from './end-leftovers.ts';
import { keepPostgres } from './keep-postgres.ts';
import { embeddedDatabase, type LauncherConfig } from './launcher-config.ts';
import { neededPorts, type PlatformPlan, type ServicePlan } from './service-plan.ts';
import { StartError } from './start-error.ts';
import { superviseService, type ServiceLimits, type SupervisedService } from './supervise-service.ts';
import { restartOnChange } from './restart-on-change.ts';
import { wordsOf } from '@store-platform/shared/text/words-of';

export interface LaunchOptions {
  readonly config: LauncherConfig;
  /** @param databaseUrl of the embedded PostgreSQL, when there is one */
  plan(databaseUrl: string | undefined): PlatformPlan;
  startPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres>;
  readonly limits: ServiceLimits & {
    readonly leftoversMs: number;
    /** Between two looks whether the embedded PostgreSQL still runs. */
    readonly postgresMs: number;
  };
  onLine(service: string, line: string): void;
  onTrouble(service: string, sentence: string): void;
}

export interface Launch {
  /** Rejects with a StartError that says all that is in the way; then nothing is left running. */
  readonly started: Promise<void>;
  /** Stops everything in order, PostgreSQL last. */
  stop(): Promise<void>;
  /** Makes a stop that is under way an immediate one. */
  hurry(): void;
}

/** Once one part failed, how long the others may take to say what they miss. */
const othersMs = 3000;

export const launch = (options: LaunchOptions): Launch => {
  const { config, limits } = options;
  const running: { emulator?: SupervisedService; services: SupervisedService[] } = { services: [] };
  let folder: DataFolder | undefined;
  let postgres: Promise<EmbeddedPostgres> | undefined;
  let keeper: { stop(): Promise<void> } | undefined;
  let watch: { close(): void } | undefined;
  let stopped: Promise<void> | undefined;

  const goOn = () => {
    if (stopped) throw new StartError('The start was interrupted.');
  };

  const supervise = (plan: ServicePlan): SupervisedService => {
    goOn();
    return superviseService(plan, {
      ...options,
      onSpawn: (name, pid) => folder?.record(name, pid),
    });
  };

  const startPostgres = async (): Promise<string | undefined> => {
    if (config.databaseUrl) return undefined;
    goOn();
    postgres = options.startPostgres({ dataDir: config.dataDir, database: embeddedDatabase });
    try {
      const server = await postgres;
      keeper = keepPostgres(server, {
        everyMs: limits.postgresMs,
        say: (sentence) => options.onTrouble('database', sentence),
      });
      return server.url;
    } catch (error) {
      const reason = wordsOf(error);
      throw new StartError(`The embedded PostgreSQL did not start: ${reason}`, { cause: error });
    }
  };

  const startEmulator = async (): Promise<void> => {
    const plan = options.plan(undefined).emulator;
    if (!plan) return;
    running.emulator = supervise(plan);
    await running.emulator.ready;
  };

  const start = async (): Promise<void> => {
    folder = claimDataFolder(config.dataDir);
    await endLeftovers(folder.leftovers, {
      patienceMs: limits.leftoversMs,
      say: (sentence) => options.onTrouble('launcher', sentence),
    });
    await checkPorts(neededPorts(config));
    const [databaseUrl] = await Promise.all([startPostgres(), startEmulator()]);
    const plan = options.plan(databaseUrl);
    running.services = plan.services.map(supervise);
    await allReady(running.services);
    const pairs = [...(plan.emulator ? [plan.emulator] : []), ...plan.services];
    watch = restartOnChange(pairs, [...(running.emulator ? [running.emulator] : []), ...running.services]);
  };

  const stopAll = async (): Promise<void> => {
    watch?.close();
    await Promise.all(running.services.map((service) => service.stop()));
    await running.emulator?.stop();
    // One that did not start has said so already.
    const server = await postgres?.catch(() => undefined);
    await keeper?.stop();
    await server?.stop();
    folder?.release();
  };
  const stop = (): Promise<void> => (stopped ??= stopAll());

  return {
    started: start().catch(async (error: unknown) => {
      await stop();
      throw error;
    }),
    stop,
    hurry: () => {
      for (const service of running.services) service.kill();
      running.emulator?.kill();
    },
  };
};

/** @throws StartError with the last words of each service that did not start. */
const allReady = async (services: readonly SupervisedService[]): Promise<void> => {
  const failures: unknown[] = [];
  const ready = services.map((service) =>
    service.ready.catch((error: unknown) => {
      failures.push(error);
      throw error;
    }),
  );
  await Promise.race([Promise.allSettled(ready), Promise.all(ready).catch(() => wait(othersMs))]);
  if (failures.length === 0) return;
  const sentences = failures.map((error) => wordsOf(error));
  throw new StartError(sentences.join('\n'));
};
