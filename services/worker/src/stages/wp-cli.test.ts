import { describe, expect, it } from 'vitest';
import { PlatformError } from '@store-platform/shared/contract/problem';
import type { Cluster } from '@store-platform/shared/kube/cluster';
import { until } from '@store-platform/shared/testing/until';
import { createFakeCluster } from '../testing/fake-cluster.ts';
import { runStage, sampleLabels } from '../testing/run-stage.ts';
import { recipeCommand } from '../wordpress/recipe-files.ts';
import { wpCli } from './wp-cli.ts';

const namespace = 'store-ab12cd34';
const ok = (message: string) => JSON.stringify({ step: 's', ok: true, message });
const broken = () => new PlatformError('cluster_away', 'The connection to the command broke.');

const setUp = (exec: Cluster['exec']) => {
  const fake = createFakeCluster({ exec });
  const pod = (
    name: string,
    { phase = 'Running', generation = 1, app = 'woocommerce' } = {},
    metadata: Readonly<Record<string, string>> = {},
  ) =>
    fake.set(
      { kind: 'Pod', namespace, name },
      { metadata: { labels: { ...sampleLabels(generation), app }, ...metadata }, status: { phase } },
    );
  return { fake, pod };
};
const answering =
  (exitCode: number, lines: readonly string[], stderr = ''): Cluster['exec'] =>
  async ({ onLine }) => {
    lines.forEach(onLine);
    return { exitCode, stderr };
  };

describe('the stage wp-cli', () => {
  it('runs the recipe in the pod that runs, and tells its steps in their order', async () => {
    const requests: unknown[] = [];
    const { fake, pod } = setUp(async (request) => {
      requests.push({ ...request, signal: undefined, onLine: undefined });
      return answering(0, [ok('one'), 'PHP Notice: {"step":', ok('two')])(request);
    });
    pod('a-old', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    pod('b-pending', { phase: 'Pending' });
    pod('c-database', { app: 'mysql' });
    pod('d-of-the-past', { generation: 0 });
    pod('e-now');
    const slowFirst: string[] = [];
    const note = async (message: string) => {
      if (message === 'one') await new Promise(setImmediate);
      slowFirst.push(message);
    };
    await runStage(wpCli, { cluster: fake.cluster, note }).done;
    expect(slowFirst).toEqual(['one', 'two']);
    expect(requests).toEqual([{ namespace, pod: 'e-now', container: 'wordpress', command: recipeCommand }]);
  });

  it('waits for a pod that runs', async () => {
    const { fake, pod } = setUp(answering(0, [ok('done')]));
    const { done } = runStage(wpCli, { cluster: fake.cluster });
    await new Promise(setImmediate);
    expect(fake.calls).toEqual([]);
    pod('late');
    await done;
    expect(fake.calls).toEqual(['exec late']);
  });

  it('goes on in the next pod when this one is replaced, and tells first what was done', async () => {
    const { fake, pod } = setUp(async ({ pod: name, onLine }) => {
      onLine(ok(`in ${name}`));
      if (name === 'second') return { exitCode: 0, stderr: '' };
      fake.remove('Pod', 'first');
      throw broken();
    });
    pod('first');
    const { done, notes } = runStage(wpCli, { cluster: fake.cluster });
    await until('it went on', () => notes.length === 2);
    pod('second');
    await done;
    expect(notes).toEqual([
      'info: in first',
      'warning: The pod was replaced; the recipe goes on in the next one.',
      'info: in second',
    ]);
  });

  it('leaves a connection that broke to the next attempt, while the pod is the same', async () => {
    const { fake, pod } = setUp(() => Promise.reject(broken()));
    pod('same');
    await expect(runStage(wpCli, { cluster: fake.cluster }).done).rejects.toMatchObject({
      code: 'cluster_away',
      retryable: true,
    });
    expect(fake.calls).toEqual(['exec same']);
  });

  it.each([
    [
      'a step that failed, in WordPress’ own words',
      answering(1, [ok('fine'), JSON.stringify({ step: 'plugin', ok: false, message: 'No such plugin.' })]),
      'Step "plugin": No such plugin.',
    ],
    [
      'a step that failed, although the script ended well',
      answering(0, [JSON.stringify({ step: 'plugin', ok: false, message: 'No such plugin.' })]),
      'Step "plugin": No such plugin.',
    ],
    [
      'a script that broke off, with the last line that it wrote',
      answering(255, [ok('fine')], 'Notice: x\nPHP Fatal error: out of memory\n'),
      'The recipe ended with code 255. PHP Fatal error: out of memory',
    ],
    ['a script that said nothing', answering(0, []), 'The recipe ended without a word.'],
  ])('fails for %s', async (_what, exec, message) => {
    const { fake, pod } = setUp(exec);
    pod('shop');
    await expect(runStage(wpCli, { cluster: fake.cluster }).done).rejects.toMatchObject({
      code: 'exec_failed',
      message,
      retryable: true,
    });
  });

  it('fails when a step can not be told, and the process survives that while the recipe goes on', async () => {
    let finish = () => {};
    const { fake, pod } = setUp(async ({ onLine }) => {
      onLine(ok('one'));
      await new Promise<void>((resolve) => (finish = resolve));
      return { exitCode: 0, stderr: '' };
    });
    pod('shop');
    const note = () => Promise.reject(new Error('not ours any more'));
    const { done } = runStage(wpCli, { cluster: fake.cluster, note });
    await until('it runs', () => fake.calls.length > 0);
    await new Promise(setImmediate);
    finish();
    await expect(done).rejects.toThrow('not ours any more');
  });

  it('run twice says the same twice: the recipe itself finds what is done', async () => {
    const { fake, pod } = setUp(answering(0, [ok('WordPress is installed.')]));
    pod('shop');
    const before = fake.versions();
    await runStage(wpCli, { cluster: fake.cluster }).done;
    await runStage(wpCli, { cluster: fake.cluster }).done;
    expect(fake.versions()).toEqual(before);
  });
});
