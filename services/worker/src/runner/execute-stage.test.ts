import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { profiles } from '@store-platform/shared/config/profiles';
import { createFakeCluster } from '../testing/fake-cluster.ts';
import { executeStage } from './execute-stage.ts';
import type { Stage, StageContext } from './stage.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const context = (): Omit<StageContext, 'signal'> => ({
  store: {
    storeId: 'store-aaaaaaaa',
    name: 'x',
    namespace: 'store-aaaaaaaa',
    namespaceUid: null,
    generation: 1,
    url: 'http://x',
  },
  cluster: createFakeCluster(),
  settings: {
    installationId: 'i',
    profile: profiles.spec,
    ingressClass: 'nginx',
    ingressNamespace: 'n',
    ingressAddress: { host: '127.0.0.1', port: 1 },
  },
  note: async () => {},
  recordNamespaceUid: async () => {},
});

const stageOf = (run: Stage['run']): Stage => ({
  name: 'mysql',
  after: [],
  timeoutMs: 300_000,
  attempts: 3,
  backoffMs: () => 7,
  run,
});
const execute = (run: Stage['run'], signal = new AbortController().signal, remainingMs = 10_000) =>
  executeStage({
    stage: stageOf(run),
    context: context(),
    signal,
    attempt: 1,
    remainingMs,
    logger: silentLogger,
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
});
