import { describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '@store-platform/shared/db/database';
import { claimRun } from '@store-platform/shared/db/stage-runs';
import { deleteStore } from '@store-platform/shared/db/stores';
import { transitionStore } from '@store-platform/shared/db/transition-store';
import type { HeldRun } from '@store-platform/shared/db/workers';
import { workerDied } from '@store-platform/shared/lifecycle/transitions';
import { insertSampleStore } from '@store-platform/shared/testing/sample-store';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { until } from '@store-platform/shared/testing/until';
import { createLease } from './lease.ts';
import { beforeCall } from './lease-guard.ts';

const setUp = async ({ beatEveryMs = 1_000_000 } = {}) => {
  const { db } = await useTestDatabase();
  const clock = { now: 1000 };
  const handedBack: HeldRun[] = [];
  let away = false;
  /** Whatever happens between a question and its answer. */
  const wire = { beforeAnswer: async () => {} };
  const wired: Pick<Database, 'query'> = {
    query: async (text, values) => {
      if (away) throw new Error('cut');
      const rows = await db.query(text, values);
      await wire.beforeAnswer();
      return rows;
    },
  };
  const lease = createLease({
    db: wired,
    logger: silentLogger,
    host: 'here',
    pid: 1,
    beatEveryMs,
    deadAfterMs: 8000,
    handBack: async (run) => void handedBack.push(run),
    now: () => clock.now,
  });
  await lease.start();
  onTestFinished(async () => {
    away = false;
    wire.beforeAnswer = async () => {};
    await lease.stop();
  });
  const storeId = await insertSampleStore(db);
  const job = { storeId, generation: 1, stage: 'namespace', dispatch: 1 } as const;
  const claim = async () => {
    const made = await claimRun(db, job, { id: lease.workerId(), cluster: 'c' });
    if (!made) throw new Error('refused');
    return made;
  };
  const cut = (value: boolean) => void (away = value);
  return { db, wire, lease, clock, storeId, claim, handedBack, cut };
};

describe('a lease', () => {
  it('is as long as the leader waits, counted from when the heartbeat was sent', async () => {
    const { lease, clock, wire } = await setUp();
    clock.now += 3000;
    expect(lease.remainingMs()).toBe(5000);
    wire.beforeAnswer = async () => void (clock.now += 2000);
    await lease.beatOnce();
    expect(lease.remainingMs()).toBe(6000);
  });

  it('of a new id counts from when its row was sent, too', async () => {
    const { db, lease, clock, wire } = await setUp();
    await db.query('update workers set dead_at = clock_timestamp()');
    wire.beforeAnswer = async () => void (clock.now += 2000);
    await lease.beatOnce();
    expect(lease.remainingMs()).toBe(6000);
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

  it('aborts everything when it ran out, although a heartbeat still hangs', async () => {
    const { lease, claim, clock, wire } = await setUp({ beatEveryMs: 5 });
    const held = lease.hold(await claim(), lease.workerId());
    let answer: (() => void) | undefined;
    wire.beforeAnswer = () => new Promise<void>((resolve) => (answer = resolve));
    const respond = await until('a heartbeat hangs', () => answer);
    clock.now += 8000;
    await until('the stage is told', () => held.signal.aborted);
    expect(held.signal.reason).toBe('its lease ran out');
    wire.beforeAnswer = async () => {};
    respond();
  });

  it('aborts also the claim that was on its way when its worker was stopped', async () => {
    const { lease, claim } = await setUp();
    const late = await claim();
    lease.abortAll('its worker stops');
    expect(lease.hold(late, lease.workerId()).signal.reason).toBe('its worker stops');
  });

  it('aborts also the claim that was on its way when its worker was declared dead', async () => {
    const { db, lease, claim } = await setUp();
    const before = lease.workerId();
    const late = await claim();
    await db.query('update workers set dead_at = clock_timestamp()');
    await lease.beatOnce();
    expect(lease.hold(late, before).signal.reason).toBe('its worker was declared dead');
  });

  it('that is given up leaves no living worker behind, although a heartbeat is on its way', async () => {
    const { db, lease, wire } = await setUp();
    let answer: (() => void) | undefined;
    wire.beforeAnswer = () => new Promise<void>((resolve) => (answer = resolve));
    await db.query('update workers set dead_at = clock_timestamp()');
    const beating = lease.beatOnce();
    const respond = await until('the heartbeat was sent', () => answer);
    wire.beforeAnswer = async () => {};
    await lease.stop();
    respond();
    await beating;
    expect(await db.query('select 1 from workers where dead_at is null')).toEqual([]);
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

  it('does not start when the row took so long to answer that the lease is nearly over', async () => {
    const { db, lease, claim, clock } = await setUp();
    const held = lease.hold(await claim(), lease.workerId());
    let asked = 0;
    const slow: Pick<Database, 'query'> = {
      query: async (text, values) => {
        asked += 1;
        if (asked === 1) clock.now += 4000;
        return db.query(text, values);
      },
    };
    let started = false;
    const waiting = beforeCall(slow, lease, held)('delete', 5000).then(() => void (started = true));
    await until('the row was asked', () => asked === 1);
    await db.query('select 1');
    expect(started).toBe(false);
    await lease.beatOnce();
    await waiting;
    expect(asked).toBe(2);
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
