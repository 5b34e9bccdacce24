import { describe, expect, it } from 'vitest';
import { sampleStore, insertSampleStore } from '../testing/sample-store.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import { until } from '../testing/until.ts';
import {
  countStores,
  createStore,
  deleteStore,
  findStore,
  listStores,
  retryStore,
  usualSecondsToReady,
} from './stores.ts';

describe('stores', () => {
  it('are accepted with their stages and first event in one go', async () => {
    const { db } = await useTestDatabase();
    const storeId = await insertSampleStore(db, { name: `"Ö" & <b>🛒</b> '; drop table stores; --` });
    const store = await findStore(db, storeId);
    expect(store).toMatchObject({ name: `"Ö" & <b>🛒</b> '; drop table stores; --`, status: 'provisioning' });
    expect(store?.stages.map(({ stage, status }) => `${stage} ${status}`)).toEqual([
      'namespace due',
      'volumes waiting',
      'mysql waiting',
      'wordpress waiting',
      'wp-cli waiting',
      'ingress waiting',
      'verify waiting',
    ]);
    expect(store?.events.map((event) => event.event_type)).toEqual(['store_created']);
  });

  it('say how many the workers turn to first, once they have waited for their turn', async () => {
    const { db } = await useTestDatabase();
    const ids: string[] = [];
    for (let n = 0; n < 4; n += 1) ids.push(await insertSampleStore(db));
    const [first, second, later, cleaned] = ids;
    const due = (storeId = '', stage: string, secondsAgo: number) =>
      db.query(
        `update stage_runs set status = 'due', due_at = clock_timestamp() - make_interval(secs => $3)
         where store_id = $1 and stage = $2`,
        [storeId, stage, secondsAgo],
      );
    const ahead = async () =>
      new Map(
        (await listStores(db, { limit: 10 })).stores.map((store) => [store.store_id, store.stores_ahead]),
      );
    expect([...(await ahead()).values()]).toEqual([null, null, null, null]);
    await due(first, 'namespace', 60);
    await due(second, 'namespace', 50);
    await due(later, 'namespace', 1);
    await due(cleaned, 'namespace', -60);
    expect(await ahead()).toEqual(
      new Map([
        [cleaned, null],
        [later, null],
        [second, 1],
        [first, 0],
      ]),
    );
    // A store that has come far, and a clean-up, are turned to before those that have not begun.
    await due(cleaned, 'verify', 5);
    expect(await ahead()).toEqual(
      new Map([
        [cleaned, 0],
        [later, null],
        [second, 2],
        [first, 1],
      ]),
    );
    expect((await findStore(db, second ?? ''))?.stores_ahead).toBe(2);
    await db.query("update stage_runs set status = 'running' where store_id = $1 and status = 'due'", [
      first,
    ]);
    expect((await ahead()).get(second ?? '')).toBe(1);
  });

  it('are counted alone: of thirty at once, ten are accepted', async () => {
    const { db } = await useTestDatabase();
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, () => createStore(db, sampleStore())),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }) => reason.code)).toEqual(Array.from({ length: 20 }, () => 'store_limit'));
    expect(await countStores(db)).toEqual({ total: 10, active: 0, provisioning: 10, failed: 0 });
  });

  it('are the same store for the same idempotency key, also when sent in parallel', async () => {
    const { db } = await useTestDatabase();
    const idempotency = { key: 'k', hash: 'h' };
    const results = await Promise.all(
      Array.from({ length: 5 }, () => createStore(db, sampleStore({ idempotency }))),
    );
    const ids = new Set(results.map((result) => (result === 'id taken' ? result : result.store.store_id)));
    expect(ids.size).toBe(1);
    await expect(
      createStore(db, sampleStore({ idempotency: { key: 'k', hash: 'other' } })),
    ).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    });
  });

  it('refuse a key only when something was stored under it', async () => {
    const { db } = await useTestDatabase();
    const idempotency = { key: 'k', hash: 'h' };
    await expect(createStore(db, sampleStore({ maxActive: 0, idempotency }))).rejects.toMatchObject({
      code: 'store_limit',
    });
    await expect(createStore(db, sampleStore({ idempotency }))).resolves.toMatchObject({ created: true });
  });

  it('say when their id is taken', async () => {
    const { db } = await useTestDatabase();
    const storeId = await insertSampleStore(db);
    expect(await createStore(db, sampleStore({ storeId }))).toBe('id taken');
  });

  it('are listed newest first, page by page, without deleted ones', async () => {
    const { db } = await useTestDatabase();
    const ids = [await insertSampleStore(db), await insertSampleStore(db), await insertSampleStore(db)];
    const first = await listStores(db, { limit: 2 });
    expect(first.stores.map((store) => store.store_id)).toEqual([ids[2], ids[1]]);
    const second = await listStores(db, { limit: 2, cursor: first.nextCursor });
    expect(second.stores.map((store) => store.store_id)).toEqual([ids[0]]);
    expect(second.nextCursor).toBeUndefined();
    await db.query("update stores set status = 'deleted' where store_id = $1", [ids[1]]);
    expect((await listStores(db, { limit: 5 })).stores).toHaveLength(2);
    expect((await findStore(db, ids[1] ?? ''))?.status).toBe('deleted');
  });

  it('answer a delete of an unknown id with false, and a second delete as the first', async () => {
    const { db } = await useTestDatabase();
    const storeId = await insertSampleStore(db);
    expect(await deleteStore(db, 'store-unknown0')).toBe(false);
    expect(await deleteStore(db, storeId)).toBe(true);
    const once = await findStore(db, storeId);
    expect(await deleteStore(db, storeId)).toBe(true);
    expect(await findStore(db, storeId)).toEqual(once);
  });

  it('are deleted once, also by two people at the same moment', async () => {
    const { db } = await useTestDatabase();
    const storeId = await insertSampleStore(db);
    const deletes = await db.transaction(async (sql) => {
      // Both have come as far as they can when this lets them go.
      await sql.query('select 1 from stage_runs where store_id = $1 for update', [storeId]);
      const both = [deleteStore(db, storeId), deleteStore(db, storeId)];
      const waiting = () =>
        db.query(
          "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        );
      await until('both wait', async () => (await waiting()).length === 2);
      return both;
    });
    expect(await Promise.all(deletes)).toEqual([true, true]);
    const events = (await findStore(db, storeId))?.events.map((event) => event.event_type);
    expect(events).toEqual(['store_created', 'delete_requested']);
  });

  it('can be retried when failed, within the limit', async () => {
    const { db } = await useTestDatabase();
    const storeId = await insertSampleStore(db);
    await expect(retryStore(db, storeId, { maxActive: 10 })).rejects.toMatchObject({ code: 'not_failed' });
    await db.query("update stores set status = 'failed', error = 'It broke.' where store_id = $1", [storeId]);
    await expect(retryStore(db, storeId, { maxActive: 0 })).rejects.toMatchObject({ code: 'store_limit' });
    expect(await retryStore(db, storeId, { maxActive: 10 })).toMatchObject({
      generation: 2,
      error: null,
      status: 'provisioning',
    });
    expect(await retryStore(db, 'store-unknown0', { maxActive: 10 })).toBeUndefined();
  });

  it('tell how long they usually take, once one was ready', async () => {
    const { db } = await useTestDatabase();
    expect(await usualSecondsToReady(db)).toBeNull();
    const storeId = await insertSampleStore(db);
    await db.query("update stores set ready_at = started_at + interval '7 seconds' where store_id = $1", [
      storeId,
    ]);
    expect(await usualSecondsToReady(db)).toBe(7);
  });
});
