import { openDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../embedded-postgres/embedded-postgres.ts';
import { silentLogger } from './silent-logger.ts';

/** A PostgreSQL that is durable in nothing, whose database `template` is migrated: what tests clone theirs from. */
export const startTemplate = async (folder: string): Promise<EmbeddedPostgres> => {
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const postgres = await startEmbeddedPostgres({ dataDir: folder, database: 'template', settings });
  const db = openDatabase({
    url: postgres.url,
    max: 1,
    applicationName: 'test',
    patienceMs: 10_000,
    logger: silentLogger,
  });
  await migrate(db);
  await db.close();
  return postgres;
};
