import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTemplate } from '@store-platform/shared/testing/start-template';
import { createTestDatabase } from '@store-platform/shared/testing/test-database';
import { buildWorker } from './build-worker.ts';
import type { PlatformBed, PlatformBedOptions } from './platform-bed.ts';

/** Lends a bed for some work, and says what its workers said last when that fails. */
export type OnBed = <B extends PlatformBed, T>(
  open: (given: Pick<PlatformBedOptions, 'databaseUrl' | 'program'>) => Promise<B>,
  work: (bed: B) => Promise<T>,
) => Promise<T>;

/** Ctrl-C leaves nothing running either. */
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => reject(new Error('Interrupted.')));
});
interrupted.catch(() => undefined);

/** For commands: a PostgreSQL and a built worker for as many beds as the work wants. */
export const withBeds = async <T>(work: (onBed: OnBed) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-faults-'));
  // As root, PostgreSQL runs as a user of its own, who must be able to enter.
  await chmod(folder, 0o755);
  const template = await startTemplate(folder);
  try {
    const program = await buildWorker(join(folder, 'worker'));
    return await work(async (open, onBed) => {
      const database = await createTestDatabase(template.url);
      const bed = await open({ program, databaseUrl: database.url });
      try {
        return await Promise.race([onBed(bed), interrupted]);
      } catch (error) {
        process.stdout.write(`${bed.output().slice(-5000)}\n`);
        throw error;
      } finally {
        await bed.close();
        await database.drop();
      }
    });
  } finally {
    await template.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
