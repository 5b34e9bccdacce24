import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { openLeadership } from '@store-platform/shared/db/leader-lock';
import { claimRun } from '@store-platform/shared/db/stage-runs';
import { deleteStore, findStore, versionOfPage } from '@store-platform/shared/db/stores';
import type { SeenNamespace } from '@store-platform/shared/db/store-observations';
import { registerWorker } from '@store-platform/shared/db/workers';
import { createFakeQueue } from '@store-platform/shared/testing/fake-queue';
import { insertSampleStore } from '@store-platform/shared/testing/sample-store';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { until } from '@store-platform/shared/testing/until';
import { createJudge } from './judge-workers.ts';
import { startLeader } from './leader.ts';
import { createSweeps, type SweepDeps } from './sweeps.ts';

describe('the judge', () => {
  it('calls dead whose counter stood still for long enough by the judge’s own clock', () => {
    const judge = createJudge(8000);
    const [alive, still] = [(counter: number) => ({ id: 'alive', counter }), { id: 'still', counter: 5 }];
    expect(judge([alive(1), still], 0)).toEqual([]);
    expect(judge([alive(2), still], 7999)).toEqual([]);
    expect(judge([alive(3), still], 8000)).toEqual([still]);
  });

  it('starts to count when it first sees a worker, so a new leader is not hasty', () => {
    const judge = createJudge(8000);
    expect(judge([{ id: 'a', counter: 1 }], 1_000_000)).toEqual([]);
  });
});

describe('leadership', () => {
  it('is held by one process, and goes to another when that one leaves', async () => {
    const { url } = await useTestDatabase();
    const [first, second] = [
      openLeadership({ url, logger: silentLogger }),
      openLeadership({ url, logger: silentLogger }),
    ];
    expect([await first.hold(), await first.hold(), await second.hold()]).toEqual([true, true, false]);
    await first.release();
    await until('the other leads', () => second.hold());
    await second.release();
  });

  it('makes its sweeps afresh when it is won, and one that fails does not keep the others', async () => {
    const runs = { good: 0, made: 0 };
    const leader = startLeader({
      leadership: { hold: async () => true, release: async () => {} },
      createSweeps: () => {
        runs.made += 1;
        return [
          { name: 'bad', everyMs: 0, run: () => Promise.reject(new Error('x')) },
          { name: 'good', everyMs: 0, run: async () => void (runs.good += 1) },
        ];
      },
      logger: silentLogger,
      tickMs: 1,
      now: () => performance.now(),
    });
    await until('it went on', () => runs.good > 2);
    await leader.stop();
    expect(runs.made).toBe(1);
  });
});

const setUp = async () => {
  const { db } = await useTestDatabase();
  const queue = createFakeQueue();
  const view: { namespaces: SeenNamespace[]; down: string[]; asleep: string[] } = {
    namespaces: [],
    down: [],
    asleep: [],
  };
  const clock = { now: 0 };
  const warn = vi.fn();
  const deps: SweepDeps = {
    db,
    queue,
    logger: Object.assign(Object.create(silentLogger), { warn }),
    cluster: { uid: 'c', namespaces: () => view.namespaces, seeShops: () => view },
    timing: { deadAfterMs: 8000, unclaimedAfterMs: 0 },
    now: () => clock.now,
    listReadyStoreIds: async () => [],
    lookAhead: async () => {},
  };
  const sweeps = createSweeps(deps, { fast: 0, slow: 0, minute: 0, rare: 0 });
  const run = (name: string) => sweeps.find((sweep) => sweep.name === name)?.run();
  const storeId = await insertSampleStore(db);
  return { db, queue, view, clock, warn, run, storeId };
};

describe('the leader', () => {
  it('buries a worker that stood still and makes its runs due again', async () => {
    const { db, run, clock, storeId } = await setUp();
    const id = randomUUID();
    await registerWorker(db, { id, host: 'h', pid: 1 });
    await claimRun(db, { storeId, generation: 1, stage: 'namespace', dispatch: 1 }, { id, cluster: 'c' });
    await run('judge workers');
    await run('rescue runs of dead workers');
    expect((await findStore(db, storeId))?.stages[0]?.status).toBe('running');
    clock.now = 8000;
    await run('judge workers');
    await run('rescue runs of dead workers');
    expect((await findStore(db, storeId))?.stages[0]?.status).toBe('due');
  });

  it('removes a namespace that came up again for a store that is deleted', async () => {
    const { db, run, view, storeId } = await setUp();
    await db.query("update stores set status = 'deleted', desired_state = 'absent'");
    await db.query("update stage_runs set status = 'cancelled'");
    view.namespaces = [{ name: storeId, generation: 1 }];
    await run('remove namespaces that came back');
    expect(await db.query("select status from stage_runs where stage = 'teardown'")).toEqual([
      { status: 'due' },
    ]);
  });

  it('leaves the namespaces of living stores alone', async () => {
    const { db, run, view, storeId } = await setUp();
    view.namespaces = [{ name: storeId, generation: 1 }];
    await run('remove namespaces that came back');
    expect(await db.query("select 1 from stage_runs where stage = 'teardown'")).toEqual([]);
  });

  it('reports a namespace without a row once, and never deletes it', async () => {
    const { db, run, view, warn } = await setUp();
    view.namespaces = [{ name: 'store-unknown0', generation: 1 }];
    await run('remove namespaces that came back');
    await run('remove namespaces that came back');
    expect(warn.mock.calls).toEqual([
      [{ namespace: 'store-unknown0' }, expect.stringContaining('left alone')],
    ]);
    expect(await db.query("select 1 from stage_runs where stage = 'teardown'")).toEqual([]);
  });

  it('leaves a namespace alone that is newer than its row: the database is an older one, restored', async () => {
    const { db, run, view, warn, storeId } = await setUp();
    await db.query("update stores set status = 'failed'");
    await db.query("update stage_runs set status = 'failed'");
    view.namespaces = [{ name: storeId, generation: 2 }];
    await run('remove namespaces that came back');
    expect(warn).toHaveBeenCalledWith({ namespace: storeId }, expect.stringContaining('left alone'));
    expect(await db.query("select 1 from stage_runs where stage = 'teardown'")).toEqual([]);
  });

  it('notes since when a ready shop does not answer, and when it answers again', async () => {
    const { db, run, view, storeId } = await setUp();
    await db.query("update stores set status = 'ready', cluster = 'c'");
    view.down = [storeId];
    await run('look after ready shops');
    const down = await findStore(db, storeId);
    expect(down?.unavailable_since).not.toBeNull();
    await run('look after ready shops');
    expect((await findStore(db, storeId))?.unavailable_since).toBe(down?.unavailable_since);
    view.down = [];
    await run('look after ready shops');
    const back = await findStore(db, storeId);
    expect([back?.unavailable_since, back?.events.map((event) => event.event_type).slice(-2)]).toEqual([
      null,
      ['shop_unavailable', 'shop_available'],
    ]);
  });

  it('notes since when a ready shop sleeps, without a word in its history, until it is awake', async () => {
    const { db, run, view, storeId } = await setUp();
    const seen = async () => findStore(db, storeId);
    const before = await seen();
    view.asleep = [storeId];
    await db.query("update stores set cluster = 'c'");
    await run('look after ready shops');
    expect((await seen())?.asleep_since).toBeNull();
    await db.query("update stores set status = 'ready'");
    await run('look after ready shops');
    const asleep = await seen();
    expect(asleep).toMatchObject({ status: 'ready', unavailable_since: null, events: before?.events });
    expect(asleep?.asleep_since).not.toBeNull();
    const versionOf = () => versionOfPage(db, { limit: 10 });
    const version = await versionOf();
    await run('look after ready shops');
    expect([await seen(), await versionOf()]).toEqual([asleep, version]);
    view.asleep = [];
    await run('look after ready shops');
    expect((await seen())?.asleep_since).toBeNull();
    expect(await versionOf()).not.toBe(version);
  });

  it('says nothing of shops of another cluster, and a store that goes sleeps no more', async () => {
    const { db, run, storeId } = await setUp();
    await db.query("update stores set status = 'ready', cluster = 'other', asleep_since = clock_timestamp()");
    const asleep = await findStore(db, storeId);
    await run('look after ready shops');
    expect(await findStore(db, storeId)).toEqual(asleep);
    await deleteStore(db, storeId);
    expect((await findStore(db, storeId))?.asleep_since).toBeNull();
  });

  it('keeps the history of a store within its limit', async () => {
    const { db, run, storeId } = await setUp();
    await db.query(
      "insert into store_events (store_id, event_type, message, severity) select $1, 'x', 'x', 'info' from generate_series(1, 600)",
      [storeId],
    );
    await run('keep the history small');
    expect(await db.query('select count(*) as kept from store_events')).toEqual([{ kept: 500 }]);
  });
});
