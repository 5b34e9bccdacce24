import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { stageContext } from '../testing/run-stage.ts';
import { createFakePresence } from '../testing/fake-presence.ts';
import { executeStage } from './execute-stage.ts';
import { startStageClock } from './stage-clock.ts';
import type { Stage, StageContext } from './stage.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const stageOf = (run: Stage['run']): Stage => ({
  name: 'mysql',
  after: [],
  timeoutMs: 300_000,
  attempts: 3,
  backoffMs: () => 7,
  run,
});
const now = () => performance.now();
const execute = (
  run: Stage['run'],
  signal = new AbortController().signal,
  { presence } = createFakePresence(),
) =>
  executeStage({
    stage: stageOf(run),
    context: stageContext().context,
    signal,
    attempt: 1,
    clock: startStageClock({ limitMs: 10_000, presence, now }),
    presence,
    logger: silentLogger,
    now,
  });
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

describe('a stage ends as', () => {
  it('done, when it returns', async () => {
    expect(await execute(async () => {})).toEqual({ kind: 'done' });
  });

  it('failed with its own code, sentence and hint, and whether to try again', async () => {
    const outcome = await execute(async () => {
      throw new PlatformError('quota_exceeded', 'Too small.', { hint: 'Raise it.' });
    });
    expect(outcome).toEqual({
      kind: 'failed',
      failure: { code: 'quota_exceeded', message: 'Too small.', hint: 'Raise it.' },
      retryable: false,
      retryInMs: 7,
    });
  });

  it('failed and retryable for a fault, whose text stays in the log', async () => {
    const outcome = await execute(async () => {
      throw new TypeError('password=hunter2');
    });
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'internal' } });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });

  it('handed back, when its claim was aborted, whatever it throws then', async () => {
    const claim = new AbortController();
    const running = execute(({ signal }) => untilAborted(signal), claim.signal);
    claim.abort('its worker stops');
    expect(await running).toEqual({ kind: 'handed back', reason: 'its worker stops' });
  });

  it('handed back before it began, when its claim was aborted before', async () => {
    const claim = new AbortController();
    claim.abort('its worker stops');
    const run = vi.fn(async () => {});
    expect(await execute(run, claim.signal)).toEqual({ kind: 'handed back', reason: 'its worker stops' });
    expect(run).not.toHaveBeenCalled();
  });

  it('handed back, and no attempt is lost, when it is the database that does not answer', async () => {
    const outcome = await execute(async () => {
      throw new PlatformError('database_away', 'PostgreSQL does not answer.');
    });
    expect(outcome).toEqual({ kind: 'handed back', reason: 'the database did not answer' });
  });

  it('failed, to be tried again no sooner than Kubernetes asked', async () => {
    const outcome = await execute(async () => {
      throw new PlatformError('cluster_busy', 'Slow down.', { retryAfterSeconds: 20 });
    });
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true, retryInMs: 20_000 });
  });

  it('failed by its time, after a last look', async () => {
    const looks = vi.fn(({ signal }: StageContext) => untilAborted(signal));
    const running = execute(looks);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(looks).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await running).toMatchObject({
      kind: 'failed',
      retryable: false,
      failure: { code: 'stage_timeout' },
    });
  });

  it('done, when what it waited for is there at the last look', async () => {
    const looks = vi
      .fn(({ signal }: StageContext) => untilAborted(signal))
      .mockImplementationOnce(({ signal }) => untilAborted(signal))
      .mockImplementationOnce(async () => {});
    const running = execute(looks);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await running).toEqual({ kind: 'done' });
  });

  it('failed by its time, with the last trouble that it told', async () => {
    const running = execute(async ({ note, signal }) => {
      await note('No node has room. Add one.', 'warning');
      await note('It is waited for.');
      await untilAborted(signal);
    });
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await running).toMatchObject({
      failure: {
        code: 'stage_timeout',
        message: 'It did not finish within 5 minutes. No node has room. Add one.',
      },
    });
  });
});

describe('a stage whose cluster is away', () => {
  const unanswered = () => Promise.reject(new PlatformError('cluster_away', 'No answer.'));

  it('waits for it, however long, and runs again when it is back: no attempt is lost', async () => {
    const cluster = createFakePresence();
    cluster.goAway();
    const run = vi.fn(async () => {}).mockImplementationOnce(unanswered);
    const running = execute(run, undefined, cluster);
    await vi.advanceTimersByTimeAsync(36_000_000);
    expect(run).toHaveBeenCalledTimes(1);
    cluster.comeBack();
    await vi.advanceTimersByTimeAsync(10);
    expect([await running, run.mock.calls.length]).toEqual([{ kind: 'done' }, 2]);
  });

  it('goes on waiting for its deployment: its time stands still meanwhile', async () => {
    const cluster = createFakePresence();
    const running = execute(({ signal }) => untilAborted(signal), undefined, cluster);
    await vi.advanceTimersByTimeAsync(9_000);
    cluster.goAway();
    await vi.advanceTimersByTimeAsync(36_000_000);
    cluster.comeBack();
    let isOver = false;
    void running.then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(5_999);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await running).toMatchObject({ failure: { code: 'stage_timeout' } });
  });

  it('hands itself back when its worker stops or its store is deleted', async () => {
    const cluster = createFakePresence();
    cluster.goAway();
    const claim = new AbortController();
    const running = execute(unanswered, claim.signal, cluster);
    await vi.advanceTimersByTimeAsync(1000);
    claim.abort('cancelled');
    expect(await running).toEqual({ kind: 'handed back', reason: 'cancelled' });
  });

  it('fails as usual for a call that a cluster which answers left without an answer', async () => {
    expect(await execute(unanswered)).toMatchObject({
      kind: 'failed',
      retryable: true,
      failure: { code: 'cluster_away', message: 'No answer.' },
    });
  });
});
