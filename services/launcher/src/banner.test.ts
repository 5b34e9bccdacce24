import { expect, test } from 'vitest';
import { banner } from './banner.ts';
import { readLauncherConfig } from './launcher-config.ts';

const show = (environment: Record<string, string> = {}) =>
  banner(readLauncherConfig(environment, '/platform'), { seconds: 2.34, dev: false });

test('on a bare machine the banner says where everything is and what is embedded or emulated', () => {
  expect(show()).toMatchInlineSnapshot(`
    "
      ⚡ Store Platform is ready after 2.3 s

         Dashboard     http://localhost:3001
         API           http://localhost:3000  (documentation: http://localhost:3000/api/docs)
         Queue board   http://localhost:3000/admin/queues
         Shops         http://store-xxxxxxxx.localhost:8080

         Cluster       emulated, the dashboard says whether its shops are real  (kubectl --kubeconfig /platform/.data/kubeconfig get pods -A)
         Database      embedded PostgreSQL 15, data in /platform/.data
         Queue         BullMQ on that PostgreSQL
         Workers       1

         Profile "spec" (mysql:8.0, wordpress:6.4-apache, WooCommerce 9.1.2) is past its end of life:
         no security fixes, for local use only. STORE_PROFILE=current has parts that are kept.
         
         Ctrl-C stops everything; stores and their data are kept.
    "
  `);
});

test('with a database, a Redis and a cluster, nothing is called embedded or emulated', () => {
  const text = show({
    DATABASE_URL: 'postgresql://user:s3cret@db/x',
    REDIS_URL: 'redis://:s3cret@redis',
    KUBE_CONTEXT: 'kind-store-platform',
  });
  expect(text).toContain('kind-store-platform, of your kubeconfig');
  expect(text).toContain('BullMQ on Redis');
  expect(text).not.toMatch(/embedded|emulated|stand-in|s3cret/);
});

test('parts past their end of life are said so, once, and only then', () => {
  expect(show().match(/end of life/g)).toHaveLength(1);
  expect(show({ STORE_PROFILE: 'current' })).not.toContain('end of life');
});

test('shops that somebody chose to be stand-ins are called so', () => {
  expect(show({ STORE_RUNTIME: 'stand-in' })).toContain('emulated, its shops are stand-ins');
});
