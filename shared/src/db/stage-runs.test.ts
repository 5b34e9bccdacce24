import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { StageJob } from '../contract/job.ts';
import { closeClaim, workerDied } from '../lifecycle/transitions.ts';
import { insertSampleStore } from '../testing/sample-store.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import type { Database } from './database.ts';
import { insertStageEvent } from './events.ts';
import {
  claimRun,
  listUnclaimed,
  listUnsent,
  markSent,
  redispatch,
  stillHolds,
  type Claim,
} from './stage-runs.ts';
import { recordNamespaceUid } from './store-observations.ts';
import { deleteStore, findStore } from './stores.ts';
import { transitionStore } from './transition-store.ts';
import { beat, listOrphans, listPulses, markDead, registerWorker, retireWorker } from './workers.ts';

const cluster = 'cluster-a';

const setUp = async () => {
  const { db } = await useTestDatabase();
  const storeId = await insertSampleStore(db);
  const workerId = randomUUID();
  await registerWorker(db, { id: workerId, host: 'here', pid: 1 });
  const job: StageJob = { storeId, generation: 1, stage: 'namespace', dispatch: 1 };
  return { db, storeId, workerId, job };
};
const take = async (db: Database, job: StageJob, id: string): Promise<Claim> => {
  const claim = await claimRun(db, job, { id, cluster });
  if (!claim) throw new Error('refused');
  return claim;
};

describe('a claim', () => {
  it('is had by one of many who ask at once', async () => {
    const { db, workerId, job } = await setUp();
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => claimRun(db, job, { id: workerId, cluster })),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(claims.find(Boolean)).toMatchObject({ epoch: 1, attempt: 1, name: 'My Shop' });
  });

  it.each([
    [
      'an old dispatch',
      (db: Database, id: string) => db.query('update stage_runs set dispatch = 2 where store_id = $1', [id]),
    ],
    [
      'an older generation',
      (db: Database, id: string) => db.query('update stores set generation = 2 where store_id = $1', [id]),
    ],
    [
      'a store that shall go',
      (db: Database, id: string) =>
        db.query("update stores set desired_state = 'absent' where store_id = $1", [id]),
    ],
    [
      'a run whose time has not come',
      (db: Database, id: string) =>
        db.query(
          "update stage_runs set due_at = clock_timestamp() + interval '1 minute' where store_id = $1",
          [id],
        ),
    ],
    [
      'a store of another cluster',
      (db: Database, id: string) =>
        db.query("update stores set cluster = 'cluster-b' where store_id = $1", [id]),
    ],
    ['a dead worker', (db: Database) => db.query('update workers set dead_at = clock_timestamp()')],
  ])('is refused for %s', async (_why, spoil) => {
    const { db, storeId, workerId, job } = await setUp();
    await spoil(db, storeId);
    expect(await claimRun(db, job, { id: workerId, cluster })).toBeUndefined();
  });

  it('is refused while a predecessor is not done', async () => {
    const { db, storeId, workerId } = await setUp();
    await db.query(
      "update stage_runs set status = 'due', due_at = clock_timestamp(), dispatch = 1 where store_id = $1 and stage = 'wp-cli'",
      [storeId],
    );
    const job: StageJob = { storeId, generation: 1, stage: 'wp-cli', dispatch: 1 };
    expect(await claimRun(db, job, { id: workerId, cluster })).toBeUndefined();
    await db.query(
      "update stage_runs set status = 'done' where store_id = $1 and stage in ('mysql', 'wordpress')",
      [storeId],
    );
    expect(await claimRun(db, job, { id: workerId, cluster })).toBeDefined();
  });

  it('pins its store to the cluster', async () => {
    const { db, workerId, job } = await setUp();
    await take(db, job, workerId);
    expect(await db.query('select cluster from stores')).toEqual([{ cluster }]);
  });

  it('that was lost writes nothing: no outcome, no event, no UID', async () => {
    const { db, storeId, workerId, job } = await setUp();
    const old = await take(db, job, workerId);
    await transitionStore(db, storeId, (state) => workerDied(state, old, workerId, 0));
    const again = await take(db, { ...job, dispatch: 2 }, workerId);
    expect(again.epoch).toBe(2);
    const late = (state: Parameters<typeof closeClaim>[0]) =>
      closeClaim(state, old, workerId, { kind: 'done' }, 0);
    expect(await transitionStore(db, storeId, late)).toBe('refused');
    expect(await insertStageEvent(db, workerId, old, { message: 'late', severity: 'info' })).toBe(false);
    expect(await recordNamespaceUid(db, workerId, old, 'uid')).toBe(false);
    expect(await stillHolds(db, workerId, old)).toBe(false);
    expect(await stillHolds(db, workerId, again)).toBe(true);
  });

  it('meets a delete at the same moment, and one of them sees the other', async () => {
    const { db, storeId, workerId, job } = await setUp();
    const [claim] = await Promise.all([
      claimRun(db, job, { id: workerId, cluster }),
      deleteStore(db, storeId),
    ]);
    const run = (await db.query("select status, epoch from stage_runs where stage = 'namespace'"))[0];
    expect(run).toEqual(claim ? { status: 'cancelling', epoch: 2 } : { status: 'cancelled', epoch: 0 });
  });
});

describe('the outbox', () => {
  it('holds what is due and unsent, until the queue has it', async () => {
    const { db, job } = await setUp();
    expect(await listUnsent(db, 10)).toEqual([job]);
    await markSent(db, [job]);
    expect(await listUnsent(db, 10)).toEqual([]);
    expect(await listUnclaimed(db, 0, 10)).toEqual([job]);
  });

  it('gives a lost job a new dispatch', async () => {
    const { db, job } = await setUp();
    await markSent(db, [job]);
    await redispatch(db, [job]);
    expect(await listUnsent(db, 10)).toEqual([{ ...job, dispatch: 2 }]);
    await markSent(db, [job]);
    expect(await listUnsent(db, 10), 'an old acknowledgement marks nothing').toHaveLength(1);
  });
});

describe('a worker', () => {
  it('learns with each heartbeat what it holds and what was taken away', async () => {
    const { db, storeId, workerId, job } = await setUp();
    expect(await beat(db, workerId)).toEqual([]);
    await take(db, job, workerId);
    expect(await beat(db, workerId)).toMatchObject([
      { storeId, stage: 'namespace', epoch: 1, status: 'running' },
    ]);
    await deleteStore(db, storeId);
    expect(await beat(db, workerId)).toMatchObject([{ epoch: 2, status: 'cancelling' }]);
  });

  it('learns that it is dead, and its runs are orphans with the time that it watched', async () => {
    const { db, workerId, job } = await setUp();
    await take(db, job, workerId);
    await beat(db, workerId);
    await beat(db, workerId);
    const [pulse] = await listPulses(db);
    expect(await markDead(db, { id: workerId, counter: 1 }), 'it moved meanwhile').toBe(false);
    expect(pulse && (await markDead(db, pulse))).toBe(true);
    expect(await beat(db, workerId)).toBeUndefined();
    expect(await listOrphans(db)).toMatchObject([
      { workerId, watchedMs: 2000, claim: { stage: 'namespace', epoch: 1 } },
    ]);
  });

  it('that retired is nobody’s to judge', async () => {
    const { db, workerId } = await setUp();
    await retireWorker(db, workerId);
    expect(await listPulses(db)).toEqual([]);
  });
});

describe('a closed run', () => {
  it('makes the next one due in the same transaction', async () => {
    const { db, storeId, workerId, job } = await setUp();
    const claim = await take(db, job, workerId);
    await transitionStore(db, storeId, (state) => closeClaim(state, claim, workerId, { kind: 'done' }, 1500));
    expect(await listUnsent(db, 10)).toEqual([{ storeId, generation: 1, stage: 'volumes', dispatch: 1 }]);
    const store = await findStore(db, storeId);
    expect(store?.stages[0]).toMatchObject({ status: 'done', error: null });
    expect(store?.events.at(-1)).toMatchObject({ event_type: 'stage_done', stage: 'namespace', attempt: 1 });
  });
});
