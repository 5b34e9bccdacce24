import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { StageJob } from '../contract/job.ts';
import { PlatformError } from '../contract/problem.ts';
import { openDatabase } from '../db/database.ts';
import { useCuttableProxy } from '../testing/cuttable-proxy.ts';
import { createFakeQueue } from '../testing/fake-queue.ts';
import { insertSampleStore } from '../testing/sample-store.ts';
import { silentLogger as logger } from '../testing/silent-logger.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import { createLostJobsSweep } from './lost-jobs.ts';
import { sendDue } from './send-due.ts';

const setUp = async () => {
  const { db, url } = await useTestDatabase();
  const queue = createFakeQueue();
  const storeId = await insertSampleStore(db);
  return {
    db,
    url,
    queue,
    storeId,
    deps: { db, queue, logger },
    job: { storeId, generation: 1, stage: 'namespace', dispatch: 1 } as const,
  };
};

afterEach(() => void vi.useRealTimers());

describe('sending what is due', () => {
  it('sends each run once, after its commit, whoever asks', async () => {
    const { deps, queue, job } = await setUp();
    expect(await sendDue(deps)).toBe(1);
    expect(await sendDue(deps)).toBe(0);
    expect(queue.added).toEqual([job]);
  });

  it('sends those of one store when asked for that one', async () => {
    const { db, deps, queue, storeId } = await setUp();
    await insertSampleStore(db);
    await sendDue(deps, storeId);
    expect(queue.added.map((job) => job.storeId)).toEqual([storeId]);
  });

  it('does no harm when two senders meet: the queue takes an id once', async () => {
    const { deps, queue } = await setUp();
    await Promise.all([sendDue(deps), sendDue(deps), sendDue(deps)]);
    expect(queue.added).toHaveLength(1);
  });

  it('leaves a run unsent while the queue is away, and sends it when it is back', async () => {
    const { deps, queue } = await setUp();
    queue.setAway(true);
    expect(await sendDue(deps)).toBe(0);
    queue.setAway(false);
    expect(await sendDue(deps)).toBe(1);
  });

  it('marks those that the queue took, and keeps the others for the next time', async () => {
    const { db, deps, queue, storeId } = await setUp();
    const other = await insertSampleStore(db);
    const moody = {
      add: (job: StageJob) =>
        job.storeId === storeId
          ? Promise.reject(new PlatformError('queue_away', 'The queue does not answer.'))
          : queue.add(job),
    };
    expect(await sendDue({ ...deps, queue: moody })).toBe(1);
    expect(await sendDue(deps)).toBe(1);
    expect(queue.added.map((job) => job.storeId)).toEqual([other, storeId]);
  });

  it('sends a run under the same id when the database was lost before it could be marked', async () => {
    const { deps, queue, job, url } = await setUp();
    const proxy = await useCuttableProxy(url);
    const db = openDatabase({ url: proxy.url, max: 1, applicationName: 'test', patienceMs: 500, logger });
    onTestFinished(() => db.close());
    const cutting = { add: (one: StageJob) => queue.add(one).then(() => proxy.cut()) };
    expect(await sendDue({ db, queue: cutting, logger })).toBe(0);
    expect(await sendDue(deps)).toBe(1);
    expect(queue.added).toEqual([job]);
  });

  it('holds a run back until its time by the database’s clock, whatever this process believes', async () => {
    const { db, deps } = await setUp();
    await db.query("update stage_runs set due_at = clock_timestamp() + interval '1 minute'");
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    expect(await sendDue(deps)).toBe(0);
    await db.query(
      "update stage_runs set due_at = clock_timestamp() - interval '1 second' where status = 'due'",
    );
    vi.setSystemTime(Date.now() - 7_200_000);
    expect(await sendDue(deps)).toBe(1);
  });
});

describe('jobs that the queue lost', () => {
  it('are sent again under a new id', async () => {
    const { deps, queue, job } = await setUp();
    const sweep = createLostJobsSweep(deps);
    await sendDue(deps);
    queue.forget();
    expect(await sweep(0)).toBe(1);
    await sendDue(deps);
    expect(queue.added).toEqual([job, { ...job, dispatch: 2 }]);
  });

  it.each(['failed', 'completed'] as const)('are those that ended as %s without a claim', async (state) => {
    const { deps, queue, job } = await setUp();
    await sendDue(deps);
    queue.setState(job, state);
    expect(await createLostJobsSweep(deps)(0)).toBe(1);
  });

  it('are never those that wait, however long: a backlog would multiply them', async () => {
    const { deps } = await setUp();
    const sweep = createLostJobsSweep(deps);
    await sendDue(deps);
    expect([await sweep(0), await sweep(0), await sweep(0)]).toEqual([0, 0, 0]);
  });

  it('are those that stay active without a claim: their worker died in between', async () => {
    const { deps, queue, job } = await setUp();
    const sweep = createLostJobsSweep(deps);
    await sendDue(deps);
    queue.setState(job, 'active');
    expect([await sweep(0), await sweep(0)]).toEqual([0, 1]);
  });

  it('are none while the queue is away: it may have them all', async () => {
    const { db, deps, queue } = await setUp();
    await sendDue(deps);
    queue.forget();
    queue.setAway(true);
    expect(await createLostJobsSweep(deps)(0)).toBe(0);
    expect(await db.query('select dispatch from stage_runs where sent_at is not null')).toEqual([
      { dispatch: 1 },
    ]);
  });

  it('are looked for only after a while', async () => {
    const { deps, queue } = await setUp();
    await sendDue(deps);
    queue.forget();
    expect(await createLostJobsSweep(deps)(60_000)).toBe(0);
  });
});
