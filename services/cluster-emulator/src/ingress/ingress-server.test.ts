import { request as httpRequest } from 'node:http';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import { expect, onTestFinished, test } from 'vitest';
import { at, numberAt, stringAt, stringsAt } from '../objects/json.ts';
import { ingresses, namespaces, pods, services } from '../objects/resources.ts';
import { isPodReady } from '../controllers/deployments.ts';
import { createFakeRuntime } from '../testing/fake-runtime.ts';
import { startTestCluster } from '../testing/test-cluster.ts';
import { startIngress } from './ingress-server.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

const startIngressTest = async () => {
  const runtime = createFakeRuntime();
  const cluster = await startTestCluster(runtime);
  const ingress = await startIngress({
    store: cluster.store,
    runtime,
    port: 0,
    logger: silentLogger,
    findPlacedPod: (namespace, name) => cluster.controllers.findPod(namespace, name)?.placed(),
  });
  onTestFinished(() => ingress.stop());
  const get = (host: string, path = '/', headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const call = httpRequest({ port: ingress.port, path, headers: { host, ...headers } }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body,
            retryAfter: response.headers['retry-after'],
          }),
        );
      });
      call.on('error', reject).end();
    });
  return { ...cluster, runtime, get };
};

type IngressTest = Awaited<ReturnType<typeof startIngressTest>>;

/** What the fake runtime was asked. */
const reached = ({ body }: Answer) => {
  const asked: unknown = JSON.parse(body);
  return {
    pod: stringAt(asked, 'pod'),
    port: numberAt(asked, 'port'),
    headers: stringsAt(at(asked, 'headers')),
  };
};

const backendOf = (name: string, path = '/', pathType = 'Prefix') => ({
  path,
  pathType,
  backend: { service: { name: `${name}-service`, port: { number: 80 } } },
});

const openShop = async (
  { make, see }: IngressTest,
  { namespace = 'shop', app = 'woocommerce', host = 'shop.localhost' } = {},
) => {
  make(namespaces, { name: namespace });
  addBackend({ make }, namespace, app);
  make(
    ingresses,
    { name: 'store', namespace },
    { spec: { rules: [{ host, http: { paths: [backendOf(app)] } }] } },
  );
  await see('ready', pods, isPodReady, namespace);
};

const addBackend = ({ make }: Pick<IngressTest, 'make'>, namespace: string, app: string) => {
  const ports = [{ name: 'http', containerPort: 8080 }];
  make(
    pods,
    { name: `${app}-1`, namespace, labels: { app } },
    { spec: { containers: [{ name: app, image: app, ports }] } },
  );
  make(
    services,
    { name: `${app}-service`, namespace },
    { spec: { selector: { app }, ports: [{ port: 80, targetPort: 'http' }] } },
  );
};

test('leads each host to the ready pod of its own service, and tells it who asks', async () => {
  const ingress = await startIngressTest();
  await openShop(ingress, { namespace: 'one', host: 'one.localhost', app: 'first' });
  await openShop(ingress, { namespace: 'two', host: 'two.localhost', app: 'second' });

  const answer = reached(
    await ingress.get('One.localhost:8080', '/shop/?a=1', { 'x-forwarded-for': '8.8.8.8' }),
  );
  expect(answer).toMatchObject({ pod: 'first-1', port: 8080 });
  expect(answer.headers).toMatchObject({
    'x-forwarded-host': 'One.localhost:8080',
    'x-forwarded-proto': 'http',
    'x-forwarded-for': expect.stringContaining('127.0.0.1'),
  });
  expect(reached(await ingress.get('two.localhost'))).toMatchObject({ pod: 'second-1' });
});

test.each([
  ['shop.localhost', 'shop.127.0.0.1.nip.io'],
  ['shop.127.0.0.1.nip.io', 'shop.localhost'],
])('a shop at %s answers at %s too', async (host, other) => {
  const ingress = await startIngressTest();
  await openShop(ingress, { host });
  expect((await ingress.get(other)).status).toBe(200);
});

test('says in words that there is no shop, before it exists and after it has gone', async () => {
  const ingress = await startIngressTest();
  const before = await ingress.get('shop.localhost');
  expect(before).toMatchObject({ status: 404, body: expect.stringContaining('There is no shop here') });
  await openShop(ingress);
  expect((await ingress.get('shop.localhost')).status).toBe(200);
  expect((await ingress.get('another.localhost')).status).toBe(404);

  ingress.store.remove(namespaces, undefined, 'shop');
  await until('it is gone', async () => (await ingress.get('shop.localhost')).status === 404);
});

test('follows an ingress that changes its host', async () => {
  const ingress = await startIngressTest();
  await openShop(ingress);
  ingress.store.update(ingresses, 'shop', 'store', (object) => {
    object['spec'] = { rules: [{ host: 'new.localhost', http: { paths: [backendOf('woocommerce')] } }] };
  });
  expect((await ingress.get('new.localhost')).status).toBe(200);
  expect((await ingress.get('shop.localhost')).status).toBe(404);
});

test('a shop without a ready pod is closed for a moment, and says when to try again', async () => {
  const ingress = await startIngressTest();
  ingress.runtime.holdBack('woocommerce');
  ingress.make(namespaces, { name: 'shop' });
  addBackend(ingress, 'shop', 'woocommerce');
  const rules = [{ host: 'shop.localhost', http: { paths: [backendOf('woocommerce')] } }];
  ingress.make(ingresses, { name: 'store' }, { spec: { rules } });
  await until('it runs', () => ingress.runtime.running.size === 1);

  const answer = await ingress.get('shop.localhost');
  expect(answer).toMatchObject({ status: 503, retryAfter: '5' });
  expect(answer.body).toContain('closed for a moment');
});

test('takes the longest path that fits, by whole elements', async () => {
  const ingress = await startIngressTest();
  await openShop(ingress);
  addBackend(ingress, 'shop', 'api');
  await ingress.see('ready', pods, (pod) => pod.metadata.name === 'api-1' && isPodReady(pod));
  const paths = [backendOf('woocommerce'), backendOf('api', '/api'), backendOf('api', '/exact', 'Exact')];
  ingress.store.update(ingresses, 'shop', 'store', (object) => {
    object['spec'] = { rules: [{ host: 'shop.localhost', http: { paths } }] };
  });
  const podAt = async (path: string) => reached(await ingress.get('shop.localhost', path)).pod;
  expect(await podAt('/api/v1?x=/')).toBe('api-1');
  expect(await podAt('/api')).toBe('api-1');
  expect(await podAt('/apiary')).toBe('woocommerce-1');
  expect(await podAt('/exact')).toBe('api-1');
  expect(await podAt('/exact/not')).toBe('woocommerce-1');
});

test('a pod that fails to answer is no stack trace', async () => {
  const ingress = await startIngressTest();
  await openShop(ingress);
  ingress.runtime.http = async () => {
    throw new Error('secret detail');
  };
  const answer = await ingress.get('shop.localhost');
  expect(answer.status).toBe(502);
  expect(answer.body).not.toContain('secret detail');
});
