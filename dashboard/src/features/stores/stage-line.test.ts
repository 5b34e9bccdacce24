import { describe, expect, test } from 'vitest';
import { sampleNow, sampleRun, sampleRuns, secondsAgo } from '../../testing/sample-stores.ts';
import { describeEffort, describeStep } from './describe-step.ts';
import { stageLine, stageStep } from './stage-line.ts';

describe('the line', () => {
  test('tells the stages in their order, MySQL and WordPress side by side', () => {
    const { groups } = stageLine(sampleRuns({}), sampleNow);
    expect(groups.map((group) => group.map(({ title }) => title))).toEqual([
      ['Namespace'],
      ['Volumes'],
      ['MySQL', 'WordPress'],
      ['WooCommerce'],
      ['Address'],
      ['Final check'],
    ]);
  });

  test.each([
    ['one that runs', sampleRuns({ namespace: 'running' }), 'Namespace', 7],
    ['one about to run', sampleRuns({ namespace: 'due' }), 'Namespace next', 0],
    [
      'two that run side by side',
      sampleRuns({ namespace: 'done', volumes: 'done', mysql: 'running', wordpress: 'running' }),
      'MySQL and WordPress',
      43,
    ],
    [
      'the one of two that still runs',
      sampleRuns({ namespace: 'done', volumes: 'done', mysql: 'running', wordpress: 'done' }),
      'MySQL',
      50,
    ],
    [
      'one that is to be tried again',
      sampleRuns({ namespace: 'done', volumes: 'done', mysql: 'done', wordpress: 'due' }),
      'WordPress next',
      43,
    ],
    [
      'the end',
      sampleRuns({
        namespace: 'done',
        volumes: 'done',
        mysql: 'done',
        wordpress: 'done',
        'wp-cli': 'done',
        ingress: 'done',
        verify: 'done',
      }),
      'All stages are done',
      100,
    ],
    ['a retry that waits for the old remains', sampleRuns({}), 'Waiting for the clean-up of the last try', 0],
    ['a moment between two stages', sampleRuns({ namespace: 'done' }), 'Between two stages', 14],
    ['no rows at all', [], 'Waiting for the clean-up of the last try', 0],
  ])('says what happens now: %s', (_what, runs, now, percent) => {
    expect(stageLine(runs, sampleNow)).toMatchObject({ now, percent });
  });

  test('leaves the clean-up out', () => {
    const runs = [...sampleRuns({ namespace: 'done' }), sampleRun('teardown', 'running')];
    const stages = stageLine(runs, sampleNow).groups.flat();
    expect(stages.map(({ stage }) => stage)).not.toContain('teardown');
  });
});

describe('a stage', () => {
  const started_at = secondsAgo(8);
  test.each([
    ['waiting', sampleRun('mysql', 'waiting'), 'waiting'],
    ['missing among the rows', undefined, 'waiting'],
    ['due now', sampleRun('mysql', 'due', { due_at: secondsAgo(1) }), 'next'],
    ['running', sampleRun('mysql', 'running', { started_at }), 'running, 8 s of 5 min'],
    [
      'running for a worker that had watched before it stopped, a night ago',
      sampleRun('mysql', 'running', {
        started_at: secondsAgo(40_000),
        watched_ms: 112_000,
        watching_since: started_at,
      }),
      'running, 2 min 00 s of 5 min',
    ],
    [
      'running while the cluster is away: its time stands still',
      sampleRun('mysql', 'running', { started_at, watching_since: null }),
      'running, 8 s',
    ],
    [
      'running by a clock that is ahead',
      sampleRun('mysql', 'running', { started_at: secondsAgo(-3) }),
      'running, 0 s of 5 min',
    ],
    ['done', sampleRun('mysql', 'done', { started_at, finished_at: secondsAgo(5) }), 'done, 3 s'],
    [
      'done in no time',
      sampleRun('mysql', 'done', { started_at, finished_at: secondsAgo(7.6) }),
      'done, under 1 s',
    ],
    [
      'running for the second time',
      sampleRun('mysql', 'running', { started_at, attempt: 2 }),
      'running, 8 s of 5 min, attempt 2',
    ],
    [
      'put off',
      sampleRun('mysql', 'due', { started_at, attempt: 2, due_at: secondsAgo(-7.4) }),
      'attempt 2, next try in 8 s',
    ],
    [
      'failed after its third attempt',
      sampleRun('mysql', 'failed', { started_at, finished_at: secondsAgo(6), attempt: 3 }),
      'failed, 2 s, attempt 3',
    ],
    ['stopping', sampleRun('mysql', 'cancelling', { started_at }), 'stopping, 8 s'],
    ['stopped', sampleRun('mysql', 'cancelled', { started_at, finished_at: secondsAgo(7) }), 'stopped, 1 s'],
    ['never reached', sampleRun('mysql', 'cancelled'), 'not reached'],
  ])('%s', (_what, run, words) => {
    expect(describeStep(stageStep('mysql', run, sampleNow))).toBe(words);
  });

  test('that cleans up has no last attempt', () => {
    const run = sampleRun('teardown', 'running', { started_at, attempt: 4 });
    expect(describeEffort(stageStep('teardown', run, sampleNow))).toBe('8 s, attempt 4');
  });

  test('keeps what the last attempt said until it is done', () => {
    const error = 'The pod crashed.';
    expect(stageStep('mysql', sampleRun('mysql', 'running', { error }), sampleNow).error).toBe(error);
    expect(stageStep('mysql', sampleRun('mysql', 'done', { error }), sampleNow).error).toBeNull();
  });
});
