import { describe, expect, it, onTestFinished } from 'vitest';
import { PlatformError, type ProblemCode } from '@store-platform/shared/contract/problem';
import type { StageJob } from '@store-platform/shared/contract/job';
import type { Database } from '@store-platform/shared/db/database';
import { deleteStore, findStore } from '@store-platform/shared/db/stores';
import { listOrphans } from '@store-platform/shared/db/workers';
import { transitionStore } from '@store-platform/shared/db/transition-store';
import { workerDied } from '@store-platform/shared/lifecycle/transitions';
import { StageFailure } from '@store-platform/shared/queue/stage-queue';
import { createFakeQueue } from '@store-platform/shared/testing/fake-queue';
import { insertSampleStore } from '@store-platform/shared/testing/sample-store';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { until } from '@store-platform/shared/testing/until';
import { createFakeCluster } from '../testing/fake-cluster.ts';
import { createFakePresence } from '../testing/fake-presence.ts';
import { stageContext } from '../testing/run-stage.ts';
import { handBackLost } from './hand-back-lost.ts';
import { createLease } from './lease.ts';
import { runJob, type RunnerDeps } from './run-job.ts';
import type { Stage, StageContext } from './stage.ts';

const away = () => new PlatformError('database_away', 'PostgreSQL does not answer.');

/** A database that can be away for whole transactions, or lose the answer to the next commit or claim. */
const wireTo = (db: Database) => {
  const fault = { away: false, answerLost: false };
  const through = async <T>(ask: () => Promise<T>, loses: boolean): Promise<T> => {
    if (fault.away) throw away();
    const answer = await ask();
    if (!loses || !fault.answerLost) return answer;
    fault.answerLost = false;
    throw away();
  };
  const wire: Database = {
    ...db,
    query: (text, values) => through(() => db.query(text, values), text.includes('claimed as')),
    transaction: (work) => through(() => db.transaction(work), true),
  };
  return { wire, fault };
};

const setUp = async ({ maxActiveStores = 10 } = {}) => {
  const { db } = await useTestDatabase();
  const { wire, fault } = wireTo(db);
  const queue = createFakeQueue();
  const clock = { now: 0 };
  const startLease = async () => {
    const started = createLease({
      db,
      logger: silentLogger,
      host: 'here',
      pid: 1,
      beatEveryMs: 1_000_000,
      deadAfterMs: 8000,
      handBack: (run, workerId) => handBackLost(wire, run, workerId),
      now: () => clock.now,
    });
    await started.start();
    onTestFinished(() => started.stop());
    return started;
  };
  const lease = await startLease();
  const cluster = createFakePresence();
  const stage = { run: async (_context: StageContext): Promise<void> => {} };
  const stages = new Map<Stage['name'], Stage>();
  for (const name of ['namespace', 'teardown'] as const) {
    const run: Stage['run'] = (context) => stage.run(context);
    stages.set(name, { name, after: [], timeoutMs: 60_000, attempts: 5, backoffMs: () => 60_000, run });
  }
  const deps: RunnerDeps = {
    db: wire,
    queue,
    lease,
    stages,
    settings: () => stageContext().context.settings,
    clusterFor: () => createFakeCluster().cluster,
    clusterUid: 'c',
    presence: cluster.presence,
    maxActiveStores,
    workerName: 'process 1 on here',
    logger: silentLogger,
    now: () => clock.now,
  };
  const storeId = await insertSampleStore(db);
  const job: StageJob = { storeId, generation: 1, stage: 'namespace', dispatch: 1 };
  const lines: string[] = [];
  const run = (attemptsMade = 0, changes: Partial<StageJob> = {}, by = deps) =>
    runJob(by, {
      id: 'id',
      job: { ...job, ...changes },
      attemptsMade,
      log: async (line) => void lines.push(line),
    });
  const store = async () => {
    const found = await findStore(db, storeId);
    if (!found) throw new Error('There is no such store');
    return found;
  };
  const rowOf = async (name = 'namespace') =>
    (await db.query('select * from stage_runs where stage = $1 order by generation desc', [name]))[0];
  const failing = (code: ProblemCode, message = 'It broke.') => {
    stage.run = () => Promise.reject(new PlatformError(code, message));
  };
  return {
    db,
    deps,
    fault,
    queue,
    clock,
    lease,
    startLease,
    cluster,
    stage,
    storeId,
    job,
    lines,
    run,
    store,
    rowOf,
    failing,
  };
};
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

describe('a job', () => {
  it('is a claim, a stage, its outcome, and what became due is sent', async () => {
    const { run, stage, store, rowOf, queue, lines, storeId } = await setUp();
    stage.run = ({ note }) => note('Half-way.');
    await run();
    expect(await rowOf()).toMatchObject({ status: 'done', epoch: 1, worker_id: null });
    expect(queue.added).toEqual([{ storeId, generation: 1, stage: 'volumes', dispatch: 1 }]);
    expect(lines).toEqual(['Half-way.', 'attempt 1, process 1 on here: done']);
    expect((await store()).events.map(({ message, stage }) => [stage, message])).toEqual([
      [null, 'The store was accepted.'],
      ['namespace', 'Half-way.'],
      ['namespace', 'Namespace: done.'],
    ]);
  });

  it('whose claim is refused completes with a line, and runs nothing', async () => {
    const { run, stage, lines } = await setUp();
    let runs = 0;
    stage.run = async () => void (runs += 1);
    await run();
    await run();
    await run(0, { dispatch: 7 });
    expect(runs).toBe(1);
    expect(lines.slice(1)).toEqual([
      'Nothing to do: this run is done, taken, cancelled or was sent again.',
      'Nothing to do: this run is done, taken, cancelled or was sent again.',
    ]);
  });

  it('whose stage fails for good fails after the row is closed, with the reason', async () => {
    const { run, failing, store, rowOf, queue, lines } = await setUp();
    failing('image_pull_failed', 'No such image.');
    await expect(run()).rejects.toEqual(new StageFailure('No such image.'));
    expect(await store()).toMatchObject({ status: 'failed', error: 'No such image.' });
    expect(await rowOf()).toMatchObject({ status: 'failed', error: 'No such image.' });
    expect(queue.added.map(({ stage }) => stage)).toEqual(['teardown']);
    expect(lines).toEqual(['attempt 1, process 1 on here: failed: No such image.']);
  });

  it('whose stage may be tried again fails, too, and the row says when', async () => {
    const { run, failing, store, rowOf, queue } = await setUp();
    failing('exec_failed');
    await expect(run()).rejects.toBeInstanceOf(StageFailure);
    expect(await rowOf()).toMatchObject({ status: 'due', attempt: 2, dispatch: 2, sent_at: null });
    expect([(await store()).status, queue.added]).toEqual(['provisioning', []]);
  });

  it('counts the time that it watched', async () => {
    const { run, stage, clock, rowOf } = await setUp();
    stage.run = async () => void (clock.now += 1500);
    await run();
    expect(await rowOf()).toMatchObject({ watched_ms: 1500 });
  });

  it('has what is left of its time after a worker was stopped over it, however long nobody watched', async () => {
    const { deps, run, stage, clock, lease, startLease, rowOf, store } = await setUp();
    stage.run = async ({ signal }) => {
      const aborted = untilAborted(signal);
      clock.now += 59_990;
      lease.abortAll('its worker stops');
      await aborted;
    };
    await run();
    expect(await rowOf()).toMatchObject({ status: 'due', watched_ms: 59_990, watching_since: null });
    clock.now += 36_000_000;
    const looks: boolean[] = [];
    stage.run = async ({ signal }) => {
      looks.push(signal.aborted);
      if (looks.length === 1) await untilAborted(signal);
      throw new PlatformError('exec_failed', 'It is not there.');
    };
    const next = run(0, { dispatch: 2 }, { ...deps, lease: await startLease() });
    await expect(next).rejects.toBeInstanceOf(StageFailure);
    // Ten milliseconds, and one last look: of its sixty seconds nothing was given anew.
    expect(looks).toEqual([false, false]);
    expect(await store()).toMatchObject({
      status: 'provisioning',
      stages: expect.arrayContaining([expect.objectContaining({ stage: 'namespace', attempt: 2 })]),
    });
  });

  it('of a deleted store hands back, and its clean-up is due', async () => {
    const { db, run, stage, lease, storeId, rowOf, queue, lines } = await setUp();
    let begun = false;
    stage.run = ({ signal }) => {
      begun = true;
      return untilAborted(signal);
    };
    const running = run();
    await until('the stage runs', () => begun);
    await deleteStore(db, storeId);
    await lease.beatOnce();
    await running;
    expect(await rowOf()).toMatchObject({ status: 'cancelled' });
    expect(queue.added.map(({ stage }) => stage)).toEqual(['teardown']);
    expect(lines).toEqual(['attempt 1, process 1 on here: handed back: cancelled']);
  });

  it('ends well although the queue is away: what is due stays in the rows', async () => {
    const { run, queue, rowOf } = await setUp();
    queue.setAway(true);
    await run();
    expect(await rowOf('volumes')).toMatchObject({ status: 'due', sent_at: null });
  });
});

describe('a worker that lost its claim', () => {
  it.each([
    ['done', undefined],
    ['failed', 'image_pull_failed' as const],
  ])('drops its outcome (%s): nothing is written, nothing fails', async (_kind, code) => {
    const { db, run, stage, lease, storeId, rowOf, store, lines } = await setUp();
    stage.run = async ({ note }) => {
      const claim = { generation: 1, stage: 'namespace', epoch: 1 } as const;
      await transitionStore(db, storeId, (state) => workerDied(state, claim, lease.workerId(), 0));
      if (code) throw new PlatformError(code, 'Too late.');
      await note('Too late.').catch(() => undefined);
    };
    await run();
    expect(await rowOf()).toMatchObject({ status: 'due', epoch: 1, deaths: 1 });
    expect(JSON.stringify(await store())).not.toContain('Too late.');
    expect(lines.at(-1)).toBe('The run had moved on; this outcome is dropped.');
  });

  it('tells nobody anything, and records no namespace', async () => {
    const { db, run, stage, lease, storeId } = await setUp();
    const refused: unknown[] = [];
    stage.run = async ({ note, recordNamespaceUid }) => {
      const claim = { generation: 1, stage: 'namespace', epoch: 1 } as const;
      await transitionStore(db, storeId, (state) => workerDied(state, claim, lease.workerId(), 0));
      refused.push(...(await Promise.allSettled([note('Late.'), recordNamespaceUid('uid')])));
    };
    await run();
    expect(refused).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    expect(await db.query('select namespace_uid from stores')).toEqual([{ namespace_uid: null }]);
  });
});

describe('a database that is away', () => {
  it('while an outcome is written gets it when it is back', async () => {
    const { run, stage, fault, rowOf } = await setUp();
    stage.run = async () => void (fault.away = true);
    const running = run();
    await until('the stage is over', () => fault.away);
    expect(await rowOf()).toMatchObject({ status: 'running' });
    fault.away = false;
    await running;
    expect(await rowOf()).toMatchObject({ status: 'done' });
  });

  it('and loses the answer to a commit finds in the row that it was made', async () => {
    const { run, stage, fault, store, rowOf, queue } = await setUp();
    stage.run = async () => void (fault.answerLost = true);
    await run();
    expect(await rowOf()).toMatchObject({ status: 'done', epoch: 1, dispatch: 1 });
    expect((await store()).events).toHaveLength(2);
    expect(queue.added.map(({ stage }) => stage)).toEqual(['volumes']);
  });

  it('and loses the answer to a failed stage’s commit does not fail it twice, and the board shows it', async () => {
    const { run, stage, fault, store, queue } = await setUp();
    stage.run = async () => {
      fault.answerLost = true;
      throw new PlatformError('image_pull_failed', 'It broke.');
    };
    await expect(run()).rejects.toEqual(new StageFailure('It broke.'));
    expect((await store()).events.filter(({ event_type }) => event_type === 'store_failed')).toHaveLength(1);
    expect(queue.added.map(({ stage }) => stage)).toEqual(['teardown']);
  });

  it('until the lease is over leaves the run to the judge', async () => {
    const { run, stage, fault, clock } = await setUp();
    stage.run = async () => {
      fault.away = true;
      clock.now += 8000;
    };
    await expect(run()).rejects.toMatchObject({ code: 'database_away' });
  });

  it('until the lease is over ends a failed stage’s job as failed: delivered again it would seem a retry', async () => {
    const { run, stage, fault, clock } = await setUp();
    stage.run = async () => {
      fault.away = true;
      clock.now += 8000;
      throw new PlatformError('image_pull_failed', 'It broke.');
    };
    await expect(run()).rejects.toEqual(new StageFailure('It broke.'));
  });

  it('and loses the answer to a claim gets that claim back, and the stage runs under the next', async () => {
    const { run, stage, fault, lease, rowOf } = await setUp();
    let runs = 0;
    stage.run = async () => void (runs += 1);
    fault.answerLost = true;
    await expect(run()).rejects.toMatchObject({ code: 'database_away' });
    expect(await rowOf()).toMatchObject({ status: 'running', epoch: 1 });
    await lease.beatOnce();
    await lease.beatOnce();
    await until('it is due again', async () => (await rowOf())?.['status'] === 'due');
    await run(0, { dispatch: 2 });
    expect([runs, await rowOf()]).toMatchObject([1, { status: 'done', epoch: 2 }]);
  });

  it('and loses the answer to a claim of a store that is deleted gets it back as cancelled', async () => {
    const { db, run, fault, lease, rowOf, storeId } = await setUp();
    fault.answerLost = true;
    await expect(run()).rejects.toMatchObject({ code: 'database_away' });
    await deleteStore(db, storeId);
    await lease.beatOnce();
    await lease.beatOnce();
    await until('its clean-up is due', async () => (await rowOf('teardown'))?.['status'] === 'due');
    expect(await rowOf()).toMatchObject({ status: 'cancelled' });
  });
});

describe('a cluster that is away', () => {
  it('is told once, costs neither attempt nor time, and the stage goes on when it is back', async () => {
    const { run, stage, cluster, clock, store, rowOf } = await setUp();
    let isBack = false;
    stage.run = async () => {
      clock.now += 1500;
      if (!isBack) throw new PlatformError('cluster_away', 'Kubernetes does not answer.');
    };
    cluster.goAway();
    const running = run();
    await until('it waits', cluster.isAwaited);
    clock.now += 36_000_000;
    isBack = true;
    cluster.comeBack();
    await running;
    expect(await rowOf()).toMatchObject({ status: 'done', attempt: 1, watched_ms: 1500 });
    const told = (await store()).events.filter(({ event_type }) => event_type === 'stage_progress');
    expect(told.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'warning: Kubernetes does not answer. The stage waits until it is back. Wait.',
      'info: Kubernetes answers again; the stage goes on.',
    ]);
  });

  it('counts for nothing either when the worker dies meanwhile', async () => {
    const { db, run, stage, cluster, lease, rowOf } = await setUp();
    stage.run = ({ signal }) => untilAborted(signal);
    const running = run();
    await until('it is claimed', async () => (await rowOf())?.['status'] === 'running');
    expect((await rowOf())?.['counter_at_claim']).not.toBeNull();
    cluster.goAway();
    await until('nobody watches', async () => (await rowOf())?.['counter_at_claim'] === null);
    await db.query('update workers set counter = counter + 36000, dead_at = clock_timestamp()');
    expect(await listOrphans(db)).toMatchObject([{ watchedMs: 0 }]);
    await db.query('update workers set dead_at = null');
    cluster.comeBack();
    await until('it is watched again', async () => (await rowOf())?.['counter_at_claim'] !== null);
    lease.abortAll('its worker stops');
    await running;
  });
});

describe('a retry on the queue board', () => {
  const failedStore = async (options?: { maxActiveStores: number }) => {
    const parts = await setUp(options);
    parts.failing('image_pull_failed');
    await expect(parts.run()).rejects.toBeInstanceOf(StageFailure);
    parts.stage.run = async () => {};
    return parts;
  };

  it('of the stage that failed its store starts a new generation', async () => {
    const { run, store, lines } = await failedStore();
    await run(1);
    expect(await store()).toMatchObject({ status: 'provisioning', generation: 2, error: null });
    expect(lines.at(-1)).toBe('Retried from the queue board: the store starts a new generation.');
  });

  it('pressed twice at once starts one generation', async () => {
    const { run, store } = await failedStore();
    await Promise.all([run(1), run(1)]);
    expect(await store()).toMatchObject({ generation: 2 });
  });

  it('counts against the limit, and fails with that sentence', async () => {
    const { run, store } = await failedStore({ maxActiveStores: 0 });
    await expect(run(1)).rejects.toEqual(
      new StageFailure('There are 0 active stores, and no more are allowed.'),
    );
    expect(await store()).toMatchObject({ status: 'failed', generation: 1 });
  });

  it.each([
    ['a job that was delivered twice', 0, {}],
    ['another stage', 1, { stage: 'volumes' as const }],
    ['an older dispatch', 1, { dispatch: 9 }],
    ['another generation', 1, { generation: 2 }],
  ])('of %s does nothing, and says so', async (_what, attemptsMade, changes) => {
    const { run, store, lines } = await failedStore();
    const before = await store();
    await run(attemptsMade, changes);
    expect(await store()).toEqual(before);
    expect(lines.at(-1)).toMatch(/^Nothing to do/);
  });

  it('is told apart from a job that comes again because its worker died after the run was closed', async () => {
    const { run, failing, store } = await setUp();
    failing('image_pull_failed');
    // Its first delivery had failed, e.g. because the database was away.
    await expect(run(1)).rejects.toBeInstanceOf(StageFailure);
    await run(1);
    expect(await store()).toMatchObject({ status: 'failed', generation: 1 });
    await run(2);
    expect(await store()).toMatchObject({ status: 'provisioning', generation: 2 });
  });

  it('of a store that is not failed any more does nothing', async () => {
    const { db, run, storeId, store } = await failedStore();
    await deleteStore(db, storeId);
    const before = await store();
    await run(1);
    expect(await store()).toEqual(before);
  });
});
