import { describe, expect, it } from 'vitest';
import { adminLogin } from '@store-platform/shared/contract/admin-login';
import { provisioningStages } from '@store-platform/shared/contract/stage';
import { deleteStore, findStore, retryStore } from '@store-platform/shared/db/stores';
import { until } from '@store-platform/shared/testing/until';
import { namespaces } from '../services/cluster-emulator/src/objects/resources.ts';
import { acceptStore, awaitStatus, usePlatform } from './platform.ts';
import { visitShop } from './visit-shop.ts';

const total = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

describe('a store', () => {
  it('becomes ready through all its stages, within 18 calls to Kubernetes, and leaves nothing behind', async () => {
    const { db, emulator, work } = await usePlatform();
    await work();
    const before = total(emulator.counts());
    const storeId = await acceptStore(db, emulator, `"Ö" & <b>🛒</b> $(x) 'q'`);
    const store = await awaitStatus(db, storeId, 'ready');
    expect(store.stages.map(({ stage, status }) => [stage, status])).toEqual(
      provisioningStages.map((stage) => [stage, 'done']),
    );
    expect(await deleteStore(db, storeId)).toBe(true);
    await awaitStatus(db, storeId, 'deleted');
    expect(emulator.store.get(namespaces, undefined, storeId)).toBeUndefined();
    expect(total(emulator.counts()) - before).toBeLessThanOrEqual(18);
    const events = (await findStore(db, storeId))?.events ?? [];
    expect(provisioningStages.every((stage) => events.some((event) => event.stage === stage))).toBe(true);
  });

  it('sells: a guest buys with Cash on Delivery, and the order is in wp-admin', async () => {
    const { db, emulator, work } = await usePlatform();
    await work();
    const storeId = await acceptStore(db, emulator, 'Tea & Co');
    const { url } = await awaitStatus(db, storeId, 'ready');
    const guest = visitShop(url, emulator.ingressPort);
    const shop = await guest.get('/shop/');
    for (const text of [
      'Tea &amp; Co',
      'Wireless Headphones',
      '$99.99',
      'Bluetooth Speaker',
      '$49.99',
      'USB-C Cable',
      '$9.99',
    ]) {
      expect(shop.body).toContain(text);
    }
    await guest.submit(shop.body, '/cart/');
    const checkout = await guest.get('/checkout/');
    const buyer = {
      first_name: 'Ann',
      last_name: 'Lee',
      address_1: '1 Road',
      city: 'Town',
      postcode: '12345',
      email: 'a@b.example',
    };
    const received = await guest.submit(checkout.body, '/checkout/', { ...buyer, payment: 'cod' });
    expect(received.body).toContain('Thank you. Your order has been received.');
    const [, order] = /Order number: <strong>(\d+)/.exec(received.body) ?? [];
    const owner = visitShop(url, emulator.ingressPort);
    const login = adminLogin(url);
    await owner.submit((await owner.get('/wp-login.php')).body, '/wp-login.php', {
      log: login.username,
      pwd: login.password ?? '',
    });
    expect((await owner.get('/wp-admin/')).body).toContain(`#${order} Ann Lee`);
  });

  it('is shared by several workers, each stage run by whoever claims it', async () => {
    const { db, emulator, work } = await usePlatform();
    await Promise.all([work(), work(), work()]);
    const ids = await Promise.all(
      Array.from({ length: 6 }, (_, number) => acceptStore(db, emulator, `Shop ${number}`)),
    );
    await Promise.all(ids.map((storeId) => awaitStatus(db, storeId, 'ready')));
    const products = await Promise.all(
      ids.map(
        async (storeId) =>
          (await visitShop(`http://${storeId}.localhost`, emulator.ingressPort).get('/shop/')).body.match(
            /class="card"/g,
          )?.length,
      ),
    );
    expect(products).toEqual(ids.map(() => 3));
  });

  it('that is deleted while it is made goes, and its stages stop', async () => {
    const { db, emulator, work } = await usePlatform({ readyAfterMs: 60_000 });
    await work();
    const storeId = await acceptStore(db, emulator);
    await until(
      'MySQL is being waited for',
      async () => (await findStore(db, storeId))?.stages[2]?.status === 'running',
    );
    await deleteStore(db, storeId);
    await deleteStore(db, storeId);
    const store = await awaitStatus(db, storeId, 'deleted');
    expect(store.stages.map(({ status }) => status)).toEqual([
      'done',
      'done',
      'cancelled',
      'cancelled',
      'cancelled',
      'cancelled',
      'cancelled',
      'done',
    ]);
    expect(emulator.store.get(namespaces, undefined, storeId)).toBeUndefined();
  });

  it('that can not be made fails with its reason, is cleaned up, and becomes ready when it is retried', async () => {
    const { db, emulator, work } = await usePlatform();
    await work();
    emulator.faults.inject({
      method: 'PATCH',
      resource: 'deployments',
      times: 1,
      effect: {
        kind: 'status',
        code: 403,
        reason: 'Forbidden',
        message: 'deployments.apps "mysql" is forbidden: no',
      },
    });
    const storeId = await acceptStore(db, emulator);
    const failed = await awaitStatus(db, storeId, 'failed');
    expect([failed.error_code, failed.error]).toEqual([
      'cluster_forbidden',
      'deployments.apps "mysql" is forbidden: no',
    ]);
    expect(failed.error_hint?.length).toBeGreaterThan(10);
    await until('it is cleaned up', async () => (await findStore(db, storeId))?.cleaned_up_at);
    expect(emulator.store.get(namespaces, undefined, storeId)).toBeUndefined();
    await retryStore(db, storeId, { maxActive: 10 });
    expect(await awaitStatus(db, storeId, 'ready')).toMatchObject({ generation: 2, error: null });
  });

  it('meets a slow, failing and forgetful Kubernetes, and becomes ready all the same', async () => {
    const { db, emulator, work } = await usePlatform();
    await work();
    const status = (code: number, reason: string) =>
      ({ kind: 'status', code, reason, message: reason, retryAfterSeconds: 0 }) as const;
    emulator.faults.inject({
      method: 'POST',
      resource: 'namespaces',
      times: 1,
      effect: { kind: 'answer lost' },
    });
    emulator.faults.inject({
      method: 'PATCH',
      resource: 'resourcequotas',
      times: 1,
      effect: status(429, 'TooManyRequests'),
    });
    emulator.faults.inject({
      method: 'POST',
      resource: 'secrets',
      times: 1,
      effect: { kind: 'answer lost' },
    });
    emulator.faults.inject({
      method: 'PATCH',
      resource: 'services',
      times: 1,
      effect: status(500, 'InternalError'),
    });
    emulator.faults.inject({ method: 'PATCH', resource: 'deployments', times: 1, effect: { kind: 'cut' } });
    const storeId = await acceptStore(db, emulator);
    const store = await awaitStatus(db, storeId, 'ready');
    expect(store.stages.map(({ attempt }) => attempt)).toEqual(provisioningStages.map(() => 1));
  });

  it('whose name a foreign namespace has fails, and that namespace is never touched', async () => {
    const { db, emulator, work } = await usePlatform();
    const storeId = await acceptStore(db, emulator);
    const metadata = {
      name: storeId,
      labels: { owner: 'someone' },
      uid: '',
      resourceVersion: '',
      creationTimestamp: '',
    };
    emulator.store.create(namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata,
      spec: { finalizers: ['kubernetes'] },
    });
    const before = emulator.store.get(namespaces, undefined, storeId);
    await work();
    expect((await awaitStatus(db, storeId, 'failed')).error_code).toBe('namespace_foreign');
    await until('it is cleaned up', async () => (await findStore(db, storeId))?.cleaned_up_at);
    expect(emulator.store.get(namespaces, undefined, storeId)).toEqual(before);
  });
});
