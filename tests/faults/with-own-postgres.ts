import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedPostgres } from '@store-platform/shared/embedded-postgres/embedded-postgres';
import { runProgram } from '@store-platform/shared/embedded-postgres/run-program';
import { startTemplate } from '@store-platform/shared/testing/start-template';
import { createClosers } from '../../services/worker/src/closers.ts';
import { openFaultBed, type FaultBed, type FaultBedOptions } from './fault-bed.ts';
import type { Ground } from './fault-case.ts';
import { lookWithoutFaults } from './look-without-faults.ts';

/** What didn't start says so itself. */
const nothing = (): undefined => undefined;

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
  beside: FaultBed,
  { disk, settings = {} }: { disk?: number; settings?: FaultBedOptions['settings'] },
  work: (own: OwnGround) => Promise<T>,
): Promise<T> => {
  const closers = createClosers();
  beside.alsoClose(closers.closeAll);
  try {
    const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
    closers.add(() => rm(folder, { recursive: true, force: true }));
    if (disk !== undefined) {
      await runProgram('/bin/mount', ['-t', 'tmpfs', '-o', `size=${disk}m`, 'tmpfs', folder]);
      closers.add(async () => void (await runProgram('/bin/umount', ['--lazy', folder])));
    }
    // As root, PostgreSQL runs as a user of its own, who must be able to enter.
    await chmod(folder, 0o755);
    const starting = startTemplate(folder);
    closers.add(() => starting.then(({ stop }) => stop(), nothing));
    const postgres = await starting;
    const { backend, program } = beside;
    const opening = openFaultBed({ backend, databaseUrl: postgres.url, program, workers: 2, settings });
    closers.add(() => opening.then(({ close }) => close(), nothing));
    const bed = await opening;
    const { reference } = await lookWithoutFaults(bed);
    return await work({ bed, reference, postgres, folder });
  } finally {
    await closers.closeAll();
  }
};
