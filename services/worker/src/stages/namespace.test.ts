import { describe, expect, it } from 'vitest';
import { until } from '@store-platform/shared/testing/until';
import { createFakeCluster } from '../testing/fake-cluster.ts';
import { runStage, sampleLabels } from '../testing/run-stage.ts';
import { namespace } from './namespace.ts';

const ref = { kind: 'Namespace', name: 'store-ab12cd34' } as const;

describe('the stage namespace', () => {
  it('makes the namespace with all that guards it, and records its UID', async () => {
    const fake = createFakeCluster();
    const { done, notes, uids } = runStage(namespace, { cluster: fake.cluster });
    await done;
    expect(fake.calls).toEqual([
      'create Namespace store-ab12cd34',
      'apply ResourceQuota store-quota',
      'apply LimitRange store-limits',
      'apply NetworkPolicy woocommerce',
      'apply NetworkPolicy mysql',
      'create Secret store-credentials',
    ]);
    expect(uids).toEqual([fake.find(ref.kind, ref.name)?.metadata.uid]);
    expect(notes).toHaveLength(1);
  });

  it('run again adopts its own namespace and changes nothing, the credentials least of all', async () => {
    const fake = createFakeCluster();
    await runStage(namespace, { cluster: fake.cluster }).done;
    const [before, secret] = [fake.versions(), fake.find('Secret', 'store-credentials')];
    const again = runStage(namespace, { cluster: fake.cluster });
    await again.done;
    expect(fake.versions()).toEqual(before);
    expect(fake.find('Secret', 'store-credentials')).toEqual(secret);
    expect(again.uids).toEqual([fake.find(ref.kind, ref.name)?.metadata.uid]);
  });

  it('lets a namespace of an older generation go first, and waits for that very one', async () => {
    const fake = createFakeCluster({ namespacesLinger: true });
    const old = fake.set(ref, { metadata: { labels: sampleLabels(1) } });
    const { done, notes, uids } = runStage(namespace, { cluster: fake.cluster, store: { generation: 2 } });
    await until('it is deleted', () => fake.find(ref.kind, ref.name)?.metadata.deletionTimestamp);
    expect([fake.calls.at(-1), uids]).toEqual([`delete Namespace store-ab12cd34 ${old.metadata.uid}`, []]);
    fake.remove(ref.kind, ref.name);
    await done;
    expect(uids).toEqual([fake.find(ref.kind, ref.name)?.metadata.uid]);
    expect(uids).not.toEqual([old.metadata.uid]);
    expect(notes[0]).toContain('older namespace');
  });

  it('waits for its own namespace, too, when that is on its way out', async () => {
    const fake = createFakeCluster({ namespacesLinger: true });
    const dying = fake.set(ref, {
      metadata: { labels: sampleLabels(), deletionTimestamp: '2026-01-01T00:00:00Z' },
    });
    const { done, uids } = runStage(namespace, { cluster: fake.cluster });
    await until('it was asked to go', () => fake.calls.some((call) => call.startsWith('delete')));
    fake.remove(ref.kind, ref.name);
    await done;
    expect(uids).not.toEqual([dying.metadata.uid]);
  });

  it.each([
    ['nobody’s', {}],
    ['another installation’s', { ...sampleLabels(), 'store-platform.dev/installation': 'other' }],
    ['another store’s', { ...sampleLabels(), 'store-platform.dev/store': 'store-other000' }],
  ])('never touches a namespace that is %s', async (_whose, labels) => {
    const fake = createFakeCluster();
    fake.set(ref, { metadata: { labels } });
    const before = fake.versions();
    const { done, uids } = runStage(namespace, { cluster: fake.cluster });
    await expect(done).rejects.toMatchObject({ code: 'namespace_foreign', retryable: false });
    expect([fake.versions(), fake.calls, uids]).toEqual([before, ['create Namespace store-ab12cd34'], []]);
  });
});
