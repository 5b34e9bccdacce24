import { describe, expect, it } from 'vitest';
import { deleteStore, findStore } from '@store-platform/shared/db/stores';
import { provisioningStages } from '@store-platform/shared/contract/stage';
import { namespaces } from '../services/cluster-emulator/src/objects/resources.ts';
import { acceptStore, awaitStatus, usePlatform } from './platform.ts';

describe('a store', () => {
  it('becomes ready through all its stages, within 18 calls to Kubernetes, and leaves nothing behind', async () => {
    const { db, emulator, work } = await usePlatform();
    await work();
    const before = Object.values(emulator.counts()).reduce((a, b) => a + b, 0);
    const storeId = await acceptStore(db, emulator, `"Ö" & <b>🛒</b> $(x) 'q'`);
    const store = await awaitStatus(db, storeId, 'ready');
    expect(store.stages.map(({ stage, status }) => [stage, status])).toEqual(provisioningStages.map((stage) => [stage, 'done']));
    expect(await deleteStore(db, storeId)).toBe(true);
    await awaitStatus(db, storeId, 'deleted');
    expect(emulator.store.get(namespaces, undefined, storeId)).toBeUndefined();
    const calls = Object.values(emulator.counts()).reduce((a, b) => a + b, 0) - before;
    expect(calls).toBeLessThanOrEqual(18);
    expect((await findStore(db, storeId))?.events.length).toBeGreaterThan(7);
  });
});
