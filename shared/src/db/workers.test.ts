import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { claimRun } from './stage-runs.ts';
import { insertSampleStore } from '../testing/sample-store.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import {
  beat,
  countLiveWorkers,
  listOrphans,
  listPulses,
  markDead,
  pruneWorkers,
  registerWorker,
} from './workers.ts';

const setUp = async () => {
  const { db } = await useTestDatabase();
  const id = randomUUID();
  await registerWorker(db, { id, host: 'here', pid: 1 });
  return { db, id };
};

describe('a worker', () => {
  it('that moved since it was looked at is not dead', async () => {
    const { db, id } = await setUp();
    const [pulse] = await listPulses(db);
    expect(pulse).toEqual({ id, counter: 0 });
    await beat(db, id);
    expect(await markDead(db, { id, counter: 0 })).toBe(false);
    expect(await beat(db, id)).toEqual([]);
    expect(await listPulses(db)).toEqual([{ id, counter: 2 }]);
  });

  it('that stood still is dead, once, and hears of it', async () => {
    const { db, id } = await setUp();
    await beat(db, id);
    expect(await markDead(db, { id, counter: 1 })).toBe(true);
    expect(await markDead(db, { id, counter: 1 })).toBe(false);
    expect(await beat(db, id)).toBeUndefined();
    expect(await listPulses(db)).toEqual([]);
  });

  it('counts as alive for people while it was seen a moment ago', async () => {
    const { db } = await setUp();
    expect(await countLiveWorkers(db)).toBe(1);
    await db.query("update workers set seen_at = clock_timestamp() - interval '11 seconds'");
    expect(await countLiveWorkers(db)).toBe(0);
  });

  it('that died long ago is forgotten, unless it still holds a run', async () => {
    const { db, id } = await setUp();
    const storeId = await insertSampleStore(db);
    const job = { storeId, generation: 1, stage: 'namespace', dispatch: 1 } as const;
    await claimRun(db, job, { id, cluster: 'c' });
    const idle = randomUUID();
    await registerWorker(db, { id: idle, host: 'here', pid: 2 });
    await db.query("update workers set dead_at = clock_timestamp() - interval '25 hours'");
    await pruneWorkers(db);
    expect(await db.query('select id from workers')).toEqual([{ id }]);
    expect(await listOrphans(db)).toMatchObject([{ storeId, workerId: id }]);
  });
});
