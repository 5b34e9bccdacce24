import { describe, expect, it } from 'vitest';
import { listFindings } from '@store-platform/shared/db/cluster-findings';
import { deleteStore, findStore } from '@store-platform/shared/db/stores';
import { workerPermissions } from '@store-platform/shared/kube/permissions';
import { until } from '@store-platform/shared/testing/until';
import {
  deployments,
  namespaces,
  storageClasses,
} from '../services/cluster-emulator/src/objects/resources.ts';
import { createStandInRuntime } from '../services/cluster-emulator/src/pod-runtime/stand-in/stand-in-runtime.ts';
import { acceptStore, awaitStatus, fastTiming, usePlatform } from './platform.ts';

describe('a cluster that goes away', () => {
  it('is waited for by a stage that runs and by one that begins: each says so once, and no attempt is lost', async () => {
    const { db, emulator, work, withoutCluster } = await usePlatform({ readyAfterMs: 3000 });
    await work();
    const waiting = await acceptStore(db, emulator, 'Waits');
    const says = (storeId: string, words: string) => async () =>
      (await findStore(db, storeId))?.events.filter(({ message }) => message.includes(words)) ?? [];
    await until('MySQL starts', async () => (await says(waiting, 'MySQL is starting')()).length > 0);
    let begins = '';
    await withoutCluster(async () => {
      begins = await acceptStore(db, emulator, 'Begins');
      for (const storeId of [waiting, begins]) {
        await until(
          `${storeId} says that it waits`,
          async () => (await says(storeId, 'The stage waits until it is back')()).length > 0,
        );
      }
    });
    for (const storeId of [waiting, begins]) {
      const { stages } = await awaitStatus(db, storeId, 'ready');
      expect(stages.map(({ attempt }) => attempt)).toEqual(stages.map(() => 1));
    }
    const [told] = await says(begins, 'Kubernetes does not answer')();
    expect(told?.message).toMatch(
      /^Kubernetes does not answer \(.+\)\. The stage waits until it is back\. Check that/,
    );
    expect(await says(begins, 'Kubernetes does not answer')()).toHaveLength(1);
    expect(await says(begins, 'Kubernetes answers again')()).toHaveLength(1);
  });
});

describe('a ready shop', () => {
  const unavailableSince = (db: Parameters<typeof findStore>[0], storeId: string) =>
    until('it is seen', async () => (await findStore(db, storeId))?.unavailable_since);

  it('that somebody scales to none is marked within a minute, with its time, and no more when it is back', async () => {
    const { db, emulator, work } = await usePlatform();
    await work();
    const storeId = await acceptStore(db, emulator);
    await awaitStatus(db, storeId, 'ready');
    const scale = (replicas: number) =>
      emulator.store.update(deployments, storeId, 'woocommerce', (deployment) => {
        deployment['spec'] = Object.assign({}, deployment['spec'], { replicas });
      });
    scale(0);
    const since = await unavailableSince(db, storeId);
    expect(Date.now() - Date.parse(since)).toBeLessThan(60_000);
    scale(1);
    await until('it is back', async () => (await findStore(db, storeId))?.unavailable_since === null);
  });

  it('whose namespace somebody deletes is marked, too', async () => {
    const { db, emulator, work } = await usePlatform();
    await work();
    const storeId = await acceptStore(db, emulator);
    await awaitStatus(db, storeId, 'ready');
    emulator.store.update(namespaces, undefined, storeId, ({ metadata }) => {
      metadata.deletionTimestamp = new Date().toISOString();
    });
    await unavailableSince(db, storeId);
    const { events = [], status } = (await findStore(db, storeId)) ?? {};
    expect([status, events.at(-1)?.message]).toEqual(['ready', 'The shop does not answer.']);
  });
});

it('the platform asks for nothing that its role does not hold', async () => {
  const { db, emulator, work } = await usePlatform();
  await work();
  const storeId = await acceptStore(db, emulator);
  await awaitStatus(db, storeId, 'ready');
  await deleteStore(db, storeId);
  await awaitStatus(db, storeId, 'deleted');
  const verbs: Record<string, readonly string[]> = {
    GET: ['get', 'list'],
    WATCH: ['watch'],
    POST: ['create'],
    PATCH: ['patch'],
    DELETE: ['delete'],
  };
  const isHeld = (call: string): boolean => {
    const [method = '', plural = ''] = call.split(' ');
    return workerPermissions.some(
      ({ verb, resource }) => resource.startsWith(plural) && verbs[method]?.includes(verb),
    );
  };
  const asked = Object.keys(emulator.counts()).filter((call) => !call.includes('selfsubject'));
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((call) => !isHeld(call))).toEqual([]);
});

describe('a shop that sleeps', () => {
  /** A stand-in whose shop sleeps and wakes when told. */
  const useSleepingShop = async () => {
    let tell: (asleep: boolean) => void = () => {};
    const platform = await usePlatform({
      runtime: () => {
        const standIn = createStandInRuntime();
        return {
          ...standIn,
          run: (pod, container, io) => {
            if (pod.app === 'woocommerce') tell = io.onAsleep;
            return standIn.run(pod, container, io);
          },
        };
      },
    });
    return { ...platform, tell: (asleep: boolean) => tell(asleep) };
  };

  it('stays ready, and is marked until it wakes, by each worker and also when none sees it wake', async () => {
    const { db, emulator, work, tell } = await useSleepingShop();
    const worker = await work();
    const storeId = await acceptStore(db, emulator);
    const awake = await awaitStatus(db, storeId, 'ready');
    expect(awake.asleep_since).toBeNull();
    const look = async () => {
      const store = await findStore(db, storeId);
      if (!store) throw new Error('The store is gone');
      return store;
    };
    const sleeps = () => until('it is seen to sleep', async () => (await look()).asleep_since);
    const wakes = () => until('it is seen awake', async () => (await look()).asleep_since === null);

    tell(true);
    const since = await sleeps();
    await worker.stop();
    const second = await work();
    // The same look at the shop takes this mark away.
    await db.query('update stores set unavailable_since = clock_timestamp()');
    await until('the next worker looked', async () => (await look()).unavailable_since === null);
    expect((await look()).asleep_since).toBe(since);
    await second.stop();
    tell(false);
    await work();
    await wakes();
    const { status, events } = await look();
    const types = events.map(({ event_type }) => event_type);
    expect([status, types.includes('shop_unavailable')]).toEqual(['ready', false]);
  });
});

describe('a cluster that lacks what stores need', () => {
  it('is found wanting at the start of a worker, until it is mended', async () => {
    const { db, emulator, work } = await usePlatform();
    const [standard] = emulator.store.list(storageClasses);
    if (!standard) throw new Error('The emulated cluster has no storage class');
    emulator.store.remove(storageClasses, undefined, standard.metadata.name);
    await work({ ...fastTiming, sweepEveryMs: { ...fastTiming.sweepEveryMs, minute: 200 } });
    expect(await listFindings(db)).toMatchObject([{ code: 'no_default_storage_class' }]);
    emulator.store.create(storageClasses, standard);
    await until('it is mended', async () => (await listFindings(db)).length === 0);
  });

  it('is not what the emulated cluster is', async () => {
    const { db, work } = await usePlatform();
    await work();
    expect(await listFindings(db)).toEqual([]);
  });
});
