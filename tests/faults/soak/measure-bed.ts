import type { FaultBed } from '../fault-bed.ts';
import { sizeOfProcess } from './size-of-process.ts';

export type Figures = ReadonlyMap<string, number>;

/** What a bed takes of the machine, by name. */
export interface BedSize {
  /** Of each process. */
  readonly mib: Figures;
  readonly handles: Figures;
  /** Of every table, the queue's in PostgreSQL too; in Redis, how many keys there are. */
  readonly rows: Figures;
}

/** @param pids of the processes that are measured, by name */
export const measureBed = async (bed: FaultBed, pids: Readonly<Record<string, number>>): Promise<BedSize> => {
  const sizes = Object.entries(pids).map(([name, pid]) => ({ name, ...sizeOfProcess(pid) }));
  return {
    mib: new Map(sizes.map(({ name, mib }) => [name, mib])),
    handles: new Map(sizes.map(({ name, handles }) => [name, handles])),
    rows: await countRows(bed),
  };
};

const countRows = async ({ db, backend, redis }: FaultBed): Promise<Figures> => {
  const tables = await db.query(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'bullmq') order by 1",
  );
  const counted = new Map<string, number>();
  for (const { name } of tables) {
    const [row] = await db.query(`select count(*)::int as count from ${String(name)}`);
    counted.set(String(name), Number(row?.['count'] ?? 0));
  }
  if (backend === 'redis' && redis) counted.set('keys in Redis', await redis.size());
  return counted;
};
