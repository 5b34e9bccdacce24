import { fileURLToPath } from 'node:url';
import { orAllFaults } from '@store-platform/shared/config/all-faults';
import { ConfigError } from '@store-platform/shared/config/config-error';
import type { Environment } from '@store-platform/shared/config/settings';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { reachNamedDatabase } from '@store-platform/shared/db/reach-database';
import { startEmbeddedPostgres } from '@store-platform/shared/embedded-postgres/embedded-postgres';
import { banner } from './banner.ts';
import { launch, type Launch } from './launch.ts';
import { readLauncherConfig } from './launcher-config.ts';
import { createLogLines } from './log-lines.ts';
import { planServices } from './service-plan.ts';
import { StartError } from './start-error.ts';

const limits = {
  readyMs: 60_000,
  stopMs: 15_000,
  restartMs: 500,
  restartMaxMs: 15_000,
  steadyMs: 60_000,
  leftoversMs: 15_000,
  postgresMs: 2000,
};

/** One Ctrl-C arrives twice: from the terminal and again from npm, which passes it on. */
const samePressMs = 500;

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const dev = process.argv.includes('--dev');
const print = (text: string) => process.stdout.write(`${text}\n`);

const run = async (): Promise<void> => {
  const environment = withDotEnv(process.env, root);
  const config = await orAllFaults(
    () => readLauncherConfig(environment, root),
    () => reachNamedDatabase(environment),
    () => lookForContext(environment),
  );
  const lines = createLogLines({ colour: process.stdout.isTTY });
  const platform = launch({
    config,
    plan: (embeddedDatabaseUrl) => planServices({ config, root, dev, embeddedDatabaseUrl }),
    startPostgres: startEmbeddedPostgres,
    limits,
    onLine: (service, line) => print(lines.ofService(service, line)),
    onTrouble: (service, sentence) => print(lines.about(service, sentence)),
  });
  const interrupted = stopOnSignals(platform);
  try {
    await platform.started;
    // Counted from the start of this process, so that a build is in it.
    print(banner(config, { seconds: performance.now() / 1000, dev }));
  } catch (error) {
    if (!interrupted()) throw error;
  }
};

/** Its library is heavy, and wanted only where a cluster is named. */
const lookForContext = async (environment: Environment): Promise<void> => {
  if (!environment['KUBE_CONTEXT']) return;
  const { findNamedContext } = await import('@store-platform/shared/kube/connect-cluster');
  findNamedContext(environment);
};

const stopOnSignals = (platform: Launch): (() => boolean) => {
  let firstAt: number | undefined;
  const onSignal = () => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      print('\nStopping; once more Ctrl-C stops at once.');
      platform.stop().then(
        () => {
          print('Everything is stopped.');
          process.exit(0);
        },
        (error: unknown) => leave(error),
      );
    } else if (performance.now() - firstAt > samePressMs) platform.hurry();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return () => firstAt !== undefined;
};

const leave = (error: unknown): never => {
  const sentence = error instanceof ConfigError || error instanceof StartError;
  process.stderr.write(`\n${sentence ? error.message : describe(error)}\n\n`);
  process.exit(1);
};

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

// A terminal that was closed takes no more lines; stopping goes on without them.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

await run().catch(leave);
