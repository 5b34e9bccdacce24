import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { StageName } from '@store-platform/shared/contract/stage';
import type { Database } from '@store-platform/shared/db/database';
import { deleteStore, findStore } from '@store-platform/shared/db/stores';
import { until } from '@store-platform/shared/testing/until';
import { namespaces, secrets } from '../services/cluster-emulator/src/objects/resources.ts';
import { createStandInRuntime } from '../services/cluster-emulator/src/pod-runtime/stand-in/stand-in-runtime.ts';
import type { PodRuntime } from '../services/cluster-emulator/src/pod-runtime/pod-runtime.ts';
import { acceptStore, awaitStatus, fastTiming, usePlatform } from './platform.ts';

/** As in production: what is promised counts its beats. */
const timing = { ...fastTiming, beatEveryMs: 1000 };
/** Two beats are two seconds, also on a machine that is too busy to be timed. */
const mostBeats = 2;

const beatsOf = async (db: Database): Promise<number> =>
  Number((await db.query('select sum(counter)::int as beats from workers'))[0]?.['beats']);

const statusOf = async (db: Database, storeId: string, stage: StageName) =>
  (await findStore(db, storeId))?.stages.find((run) => run.stage === stage)?.status;

/** A shop whose commands never end by themselves, and that counts those that run. */
const neverEnding = () => {
  const open = { commands: 0 };
  const runtime = (): PodRuntime => ({
    ...createStandInRuntime(),
    exec: async (_pod, _container, _command, { signal }) => {
      open.commands += 1;
      if (!signal.aborted) await once(signal, 'abort');
      open.commands -= 1;
      return 0;
    },
  });
  return { open, runtime };
};

/** Deletes, and counts the heartbeats until nobody works at the store any more and `isOver`. */
const deleteAndCount = async (db: Database, storeId: string, isOver = () => true): Promise<number> => {
  const before = await beatsOf(db);
  await deleteStore(db, storeId);
  await until('nobody works at it', async () => {
    const { stages = [] } = (await findStore(db, storeId)) ?? {};
    const isHeld = stages.some(
      ({ stage, status }) => stage !== 'teardown' && (status === 'running' || status === 'cancelling'),
    );
    return !isHeld && isOver();
  });
  return (await beatsOf(db)) - before;
};

describe('a store that is deleted while', () => {
  it('waits for MySQL and WordPress: both stop within two seconds', async () => {
    const { db, emulator, work } = await usePlatform({ readyAfterMs: 600_000 });
    await work(timing);
    const storeId = await acceptStore(db, emulator);
    for (const stage of ['mysql', 'wordpress'] as const)
      await until(`${stage} runs`, async () => (await statusOf(db, storeId, stage)) === 'running');
    expect(await deleteAndCount(db, storeId)).toBeLessThanOrEqual(mostBeats);
    await awaitStatus(db, storeId, 'deleted');
    expect(emulator.store.get(namespaces, undefined, storeId)).toBeUndefined();
  });

  it('a command runs in its shop: within two seconds its connection is closed', async () => {
    const { open, runtime } = neverEnding();
    const { db, emulator, work } = await usePlatform({ runtime });
    await work(timing);
    const storeId = await acceptStore(db, emulator);
    await until('the command runs', () => open.commands === 1, { timeoutMs: 60_000 });
    expect(await deleteAndCount(db, storeId, () => open.commands === 0)).toBeLessThanOrEqual(mostBeats);
    await awaitStatus(db, storeId, 'deleted');
  });

  it('its shop answers no visitor: the final check stops within two seconds', async () => {
    let visits = 0;
    const runtime = (): PodRuntime => ({
      ...createStandInRuntime(),
      http: async () => void (visits += 1),
    });
    const { db, emulator, work } = await usePlatform({ runtime });
    await work(timing);
    const storeId = await acceptStore(db, emulator);
    await until('it is visited', () => visits > 0, { timeoutMs: 60_000 });
    expect(await deleteAndCount(db, storeId)).toBeLessThanOrEqual(mostBeats);
    await awaitStatus(db, storeId, 'deleted');
  });

  it('Kubernetes leaves a call unanswered: the call is given up within two seconds', async () => {
    const { db, emulator, work } = await usePlatform();
    await work(timing);
    emulator.faults.inject({
      method: 'PATCH',
      resource: 'persistentvolumeclaims',
      times: 9,
      effect: { kind: 'hang' },
    });
    const storeId = await acceptStore(db, emulator);
    await until('the call hangs', async () => (await statusOf(db, storeId, 'volumes')) === 'running');
    expect(await deleteAndCount(db, storeId)).toBeLessThanOrEqual(mostBeats);
    await awaitStatus(db, storeId, 'deleted');
  });

  it('the cluster is away: its stage stops within two seconds, and it goes when the cluster is back', async () => {
    const { db, emulator, work, withoutCluster } = await usePlatform({ readyAfterMs: 600_000 });
    await work(timing);
    const storeId = await acceptStore(db, emulator);
    await until('mysql runs', async () => (await statusOf(db, storeId, 'mysql')) === 'running');
    await withoutCluster(async () => {
      await until('it says so', async () =>
        (await findStore(db, storeId))?.events.some(({ message }) => message.includes('The stage waits')),
      );
      expect(await deleteAndCount(db, storeId)).toBeLessThanOrEqual(mostBeats);
    });
    await awaitStatus(db, storeId, 'deleted');
  });
});

describe('a store whose namespace is held', () => {
  it('says by which finalizer while it is deleted, and goes when somebody lifts it', async () => {
    const { db, emulator, work } = await usePlatform();
    await work();
    const storeId = await acceptStore(db, emulator);
    await awaitStatus(db, storeId, 'ready');
    const lift = holdSecret(emulator, storeId);
    await deleteStore(db, storeId);
    const cleanUp = async () =>
      (await findStore(db, storeId))?.stages.find(({ stage }) => stage === 'teardown');
    const held = await until('it says why', async () => {
      const run = await cleanUp();
      return run?.error ? run : undefined;
    });
    expect(held.error).toBe(
      `The namespace ${storeId} does not go. The finalizer store-platform.dev/held is on 1 object in it. ` +
        'Still there: 1 of secrets. Whoever set it must lift it, or the object be edited by hand.',
    );
    expect((await findStore(db, storeId))?.status).toBe('deleting');
    lift();
    await awaitStatus(db, storeId, 'deleted');
  });
});

type Emulator = Awaited<ReturnType<typeof usePlatform>>['emulator'];

/** @returns how to lift the finalizer that it puts on the store's credentials. */
const holdSecret = ({ store }: Emulator, storeId: string): (() => void) => {
  const put = (finalizers: string[]) =>
    store.update(secrets, storeId, 'store-credentials', ({ metadata }) => {
      metadata.finalizers = finalizers;
    });
  put(['store-platform.dev/held']);
  return () => put([]);
};
