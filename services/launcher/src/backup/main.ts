import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withDotEnv } from '@store-platform/shared/config/with-dot-env';
import { createLogger } from '@store-platform/shared/log/logger';
import { sentenceOf } from '@store-platform/shared/process/sentence-of';
import { readLauncherConfig } from '../launcher-config.ts';
import { StartError } from '../start-error.ts';
import { backUp } from './back-up.ts';
import { BackupError } from './backup-error.ts';
import { describeBackup } from './describe-backup.ts';
import { restore } from './restore.ts';

// `npm run backup -- FILE` and `npm run restore -- FILE`, for the embedded PostgreSQL. A file is named as seen from where
// npm was called, DATA_DIR as by `npm start`.

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const usage = `npm run backup -- FILE     copies the platform's own data into a new file, also while it runs
npm run restore -- FILE    makes the data folder of it, where there is none or an empty one`;

/** @throws BackupError when the command line or the settings name no such thing. */
const readOrders = () => {
  const [command, file, ...more] = process.argv.slice(2);
  if ((command !== 'backup' && command !== 'restore') || !file || more.length > 0)
    throw new BackupError(usage);
  const config = readLauncherConfig(withDotEnv(process.env, root), root);
  if (config.databaseUrl) {
    throw new BackupError(
      'The settings name a PostgreSQL (DATABASE_URL, DB_HOST): back it up by its own tools, see docs/operations.md.',
    );
  }
  return { command, file: resolve(process.env['INIT_CWD'] ?? '.', file), dataDir: config.dataDir };
};

const interruption = (): AbortSignal => {
  const controller = new AbortController();
  const onSignal = () => controller.abort(new BackupError('Interrupted: nothing is left of it.'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return controller.signal;
};

const run = async (): Promise<void> => {
  const { command, ...where } = readOrders();
  const logger = createLogger({ name: command, level: 'silent' });
  const options = { ...where, logger, signal: interruption() };
  if (command === 'backup') {
    const { fileBytes, ...held } = await backUp(options);
    process.stdout.write(
      `${describeBackup(held)}\n→ ${where.file}, ${fileBytes} bytes, for its owner alone.\n`,
    );
  } else {
    const held = await restore(options);
    process.stdout.write(`${describeBackup(held)}\n→ ${where.dataDir}; start it with: npm start\n`);
  }
};

await run().catch((error: unknown) => {
  const told =
    error instanceof BackupError || error instanceof StartError ? error.message : sentenceOf(error);
  process.stderr.write(`${told}\n`);
  process.exitCode = 1;
});
