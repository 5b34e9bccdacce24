import { describe, expect, it } from 'vitest';
import type { Database } from '@store-platform/shared/db/database';
import { claimRun } from '@store-platform/shared/db/stage-runs';
import { deleteStore } from '@store-platform/shared/db/stores';
import { transitionStore } from '@store-platform/shared/db/transition-store';
import type { HeldRun } from '@store-platform/shared/db/workers';
import { workerDied } from '@store-platform/shared/lifecycle/transitions';
import { insertSampleStore } from '@store-platform/shared/testing/sample-store';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { createLease } from './lease.ts';
import { beforeCall } from './lease-guard.ts';

const setUp = async () => {
  const { db } = await useTestDatabase();
  const clock = { now: 1000 };
  const handedBack: HeldRun[] = [];
  let away = false;
  const wire: Pick<Database, 'query'> = {
    query: (text, values) => (away ? Promise.reject(new Error('cut')) : db.query(text, values)),
  };
  const lease = createLease({
    db: wire,
    logger: silentLogger,
    host: 'here',
    pid: 1,
    beatEveryMs: 1_000_000,
    deadAfterMs: 8000,
    handBack: async (run) => void handedBack.push(run),
    now: () => clock.now,
  });
  await lease.start();
  const storeId = await insertSampleStore(db);
  const job = { storeId, generation: 1, stage: 'namespace', dispatch: 1 } as const;
  const claim = async () => {
    const made = await claimRun(db, job, { id: lease.workerId(), cluster: 'c' });
    if (!made) throw new Error('refused');
    return made;
  };
  return { db, lease, clock, storeId, claim, handedBack, cut: (value: boolean) => void (away = value) };
};

describe('a lease', () => {
  it('is as long as the leader waits, counted from when the heartbeat was sent', async () => {
    const { lease, clock } = await setUp();
    clock.now += 3000;
    expect(lease.remainingMs()).toBe(5000);
    await lease.beatOnce();
    expect(lease.remainingMs()).toBe(8000);
  });

  it('aborts a stage within one heartbeat of its store’s deletion', async () => {
    const { db, lease, claim, storeId } = await setUp();
    const held = lease.hold(await claim(), lease.workerId());
    await lease.beatOnce();
    expect(held.signal.aborted).toBe(false);
    await deleteStore(db, storeId);
    await lease.beatOnce();
    expect(held.signal.reason).toBe('cancelled');
  });

  it('aborts everything when it ran out, although the database can not say so', async () => {
    const { lease, claim, clock, cut } = await setUp();
    const held = lease.hold(await claim(), lease.workerId());
    cut(true);
    clock.now += 7000;
    await lease.beatOnce();
    expect(held.signal.aborted).toBe(false);
    clock.now += 1000;
    await lease.beatOnce();
    expect(held.signal.reason).toBe('its lease ran out');
  });

  it('of a worker that was declared dead aborts everything, and a new id goes on', async () => {
    const { db, lease, claim } = await setUp();
    const before = lease.workerId();
    const held = lease.hold(await claim(), before);
    await db.query('update workers set dead_at = clock_timestamp()');
    await lease.beatOnce();
    expect(held.signal.aborted).toBe(true);
    expect(lease.workerId()).not.toBe(before);
    expect(await db.query('select count(*) as alive from workers where dead_at is null')).toEqual([
      { alive: 1 },
    ]);
  });

  it('gives back a claim whose answer was lost, once it is sure', async () => {
    const { lease, claim, handedBack, storeId } = await setUp();
    await claim();
    await lease.beatOnce();
    expect(handedBack).toEqual([]);
    await lease.beatOnce();
    expect(handedBack).toMatchObject([{ storeId, stage: 'namespace', epoch: 1 }]);
  });
});

describe('a call to Kubernetes', () => {
  it('starts only when its time-out fits into the lease', async () => {
    const { db, lease, claim, clock } = await setUp();
    const held = lease.hold(await claim(), lease.workerId());
    clock.now += 4000;
    let started = false;
    const waiting = beforeCall(db, lease, held)('write', 5000).then(() => void (started = true));
    await db.query('select 1');
    expect(started).toBe(false);
    await lease.beatOnce();
    await waiting;
    expect(started).toBe(true);
  });

  it.each(['exec', 'delete'] as const)('that can not be taken back (%s) asks the row first', async (kind) => {
    const { db, lease, claim, storeId } = await setUp();
    const held = lease.hold(await claim(), lease.workerId());
    await expect(beforeCall(db, lease, held)(kind, 5000)).resolves.toBeUndefined();
    await transitionStore(db, storeId, (state) => workerDied(state, held.claim, held.workerId, 0));
    await expect(beforeCall(db, lease, held)(kind, 5000)).rejects.toThrow('no longer holds');
  });

  it('does not start for a claim that was aborted', async () => {
    const { db, lease, claim } = await setUp();
    const held = lease.hold(await claim(), lease.workerId());
    lease.abortAll('its worker stops');
    await expect(beforeCall(db, lease, held)('write', 1)).rejects.toBe('its worker stops');
  });
});
