import { afterEach, describe, expect, it, vi } from 'vitest';
import { until } from '@store-platform/shared/testing/until';
import { createFakeCluster } from '../testing/fake-cluster.ts';
import { runStage, sampleLabels } from '../testing/run-stage.ts';
import { teardown } from './teardown.ts';

const ref = { kind: 'Namespace', name: 'store-ab12cd34' } as const;

const setUp = (labels = sampleLabels()) => {
  const fake = createFakeCluster({ namespacesLinger: true });
  const made = fake.set(ref, { metadata: { labels } });
  return { fake, uid: made.metadata.uid };
};
const settled = async (done: Promise<void>): Promise<boolean> => {
  let over = false;
  void done.then(() => (over = true));
  await new Promise(setImmediate);
  return over;
};

afterEach(() => void vi.useRealTimers());

describe('the stage teardown', () => {
  it('deletes the namespace by its UID and waits until that very one is gone', async () => {
    const { fake, uid } = setUp();
    const { done, notes } = runStage(teardown, { cluster: fake.cluster });
    await until('it is on its way out', () => fake.find(ref.kind, ref.name)?.metadata.deletionTimestamp);
    expect(fake.calls).toEqual([`delete Namespace store-ab12cd34 ${uid}`]);
    expect(await settled(done)).toBe(false);
    fake.remove(ref.kind, ref.name);
    await done;
    expect(notes).toEqual(['info: Namespace store-ab12cd34 and everything in it are gone.']);
  });

  it('does not wait for another namespace that has taken the name meanwhile', async () => {
    const { fake } = setUp();
    const { done } = runStage(teardown, { cluster: fake.cluster });
    await until('it is on its way out', () => fake.find(ref.kind, ref.name)?.metadata.deletionTimestamp);
    fake.remove(ref.kind, ref.name);
    const other = fake.set(ref, { metadata: { labels: { owner: 'someone' } } });
    await done;
    expect(fake.find(ref.kind, ref.name)).toEqual(other);
  });

  it('is done at once when there is no namespace, and run twice changes nothing the second time', async () => {
    const fake = createFakeCluster();
    fake.set(ref, { metadata: { labels: sampleLabels() } });
    await runStage(teardown, { cluster: fake.cluster }).done;
    const again = runStage(teardown, { cluster: fake.cluster });
    await again.done;
    expect(again.notes).toEqual(['info: There is no namespace left.']);
    expect(fake.calls).toHaveLength(1);
  });

  it('leaves a namespace alone that is not ours, and says so', async () => {
    const { fake } = setUp({ owner: 'someone' });
    const before = fake.versions();
    const { done, notes } = runStage(teardown, { cluster: fake.cluster });
    await done;
    expect([fake.calls, fake.versions()]).toEqual([[], before]);
    expect(notes[0]).toMatch(/^warning: .*left alone/);
  });

  it('knows its namespace by the recorded UID, whatever became of its labels', async () => {
    const fake = createFakeCluster();
    const { metadata } = fake.set(ref, { metadata: { labels: {} } });
    await runStage(teardown, { cluster: fake.cluster, store: { namespaceUid: metadata.uid } }).done;
    expect(fake.find(ref.kind, ref.name)).toBeUndefined();
  });

  it('fails with the finalizer that somebody must lift, to be tried again, and finds it on its way then', async () => {
    vi.useFakeTimers();
    const { fake, uid } = setUp();
    const { done } = runStage(teardown, { cluster: fake.cluster });
    await vi.advanceTimersByTimeAsync(0);
    fake.set(ref, { metadata: { finalizers: ['example.com/backup'] } });
    await vi.advanceTimersByTimeAsync(10_000);
    await expect(done).rejects.toMatchObject({
      code: 'namespace_terminating',
      retryable: true,
      message: expect.stringMatching(/^The namespace store-ab12cd34 does not go\. .*example\.com\/backup\./),
    });
    const again = runStage(teardown, { cluster: fake.cluster });
    await vi.advanceTimersByTimeAsync(0);
    fake.remove(ref.kind, ref.name);
    await again.done;
    expect(fake.calls).toEqual([`delete Namespace store-ab12cd34 ${uid}`]);
  });

  it('deletes once more what was left there by a wrong answer', async () => {
    vi.useFakeTimers();
    const { fake, uid } = setUp();
    let refused = 0;
    // As after a 409 or a 404 that was not about this very namespace.
    const cluster: typeof fake.cluster = {
      ...fake.cluster,
      delete: async (...asked) => void (refused++ === 0 || (await fake.cluster.delete(...asked))),
    };
    const { done } = runStage(teardown, { cluster });
    await vi.advanceTimersByTimeAsync(10_001);
    expect(fake.calls).toEqual([`delete Namespace store-ab12cd34 ${uid}`]);
    fake.remove(ref.kind, ref.name);
    await done;
  });

  it('leaves its place to other stores when the namespace takes longer than pods take to leave', async () => {
    vi.useFakeTimers();
    const { fake } = setUp();
    const { done } = runStage(teardown, { cluster: fake.cluster });
    await vi.advanceTimersByTimeAsync(55_000);
    expect(await Promise.race([done, Promise.resolve('it waits')])).toBe('it waits');
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(done).rejects.toMatchObject({
      code: 'namespace_terminating',
      message: 'The namespace store-ab12cd34 does not go. Kubernetes does not say why.',
    });
  });

  it('asks Kubernetes itself while the watch has not seen the namespace', async () => {
    vi.useFakeTimers();
    const fake = createFakeCluster({ namespacesLinger: true });
    fake.holdWatch();
    fake.set(ref, { metadata: { labels: sampleLabels() } });
    const { done } = runStage(teardown, { cluster: fake.cluster });
    await vi.advanceTimersByTimeAsync(0);
    fake.remove(ref.kind, ref.name);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(done).resolves.toBeUndefined();
  });

  it('ends when its signal does', async () => {
    const { fake } = setUp();
    const claim = new AbortController();
    const { done } = runStage(teardown, { cluster: fake.cluster, signal: claim.signal });
    await until('it is on its way out', () => fake.find(ref.kind, ref.name)?.metadata.deletionTimestamp);
    claim.abort('its worker stops');
    await expect(done).rejects.toMatchObject({ cause: 'its worker stops' });
  });
});
