import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedPostgres } from '@store-platform/shared/embedded-postgres/embedded-postgres';
import { runProgram } from '@store-platform/shared/embedded-postgres/run-program';
import { startTemplate } from '@store-platform/shared/testing/start-template';
import { openFaultBed, type FaultBed } from './fault-bed.ts';
import type { Ground } from './fault-case.ts';
import { lookWithoutFaults } from './look-without-faults.ts';

export interface OwnGround extends Ground {
  readonly postgres: EmbeddedPostgres;
  /** Where its data lies. */
  readonly folder: string;
}

/**
 * A platform beside the given one whose PostgreSQL may be hurt, since nobody else's rows lie in it.
 * @param disk unset, the data lies where everything lies; else on a file system of its own, of so many MiB
 * @throws Error when a file system can't be mounted
 */
export const withOwnPostgres = async <T>(
  { backend, program }: Pick<FaultBed, 'backend' | 'program'>,
  { disk }: { disk?: number },
  work: (own: OwnGround) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  if (disk !== undefined)
    await runProgram('/bin/mount', ['-t', 'tmpfs', '-o', `size=${disk}m`, 'tmpfs', folder]);
  let postgres: EmbeddedPostgres | undefined;
  let bed: FaultBed | undefined;
  try {
    // As root, PostgreSQL runs as a user of its own, who must be able to enter.
    await chmod(folder, 0o755);
    postgres = await startTemplate(folder);
    bed = await openFaultBed({ backend, databaseUrl: postgres.url, program, workers: 2 });
    const { reference } = await lookWithoutFaults(bed);
    return await work({ bed, reference, postgres, folder });
  } finally {
    await bed?.close();
    await postgres?.stop();
    if (disk !== undefined) await runProgram('/bin/umount', ['--lazy', folder]);
    await rm(folder, { recursive: true, force: true });
  }
};
