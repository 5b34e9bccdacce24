import { request as httpRequest } from 'node:http';
import { connect } from 'node:tls';
import { until } from '@store-platform/shared/testing/until';
import { expect, test } from 'vitest';
import { at, numberAt, objectsAt, stringAt } from '../objects/json.ts';
import { makeTestFolder } from '../testing/test-cluster.ts';
import {
  configMapOf,
  namespaceOf,
  podOf,
  startTestApi,
  type Answer,
  type TestApi,
} from '../testing/test-api.ts';

const shop = '/api/v1/namespaces/shop';
const namesIn = ({ body }: Answer) =>
  objectsAt(body, 'items').map((item) => stringAt(item, 'metadata', 'name'));
const versionOf = ({ body }: Answer) => stringAt(body, 'metadata', 'resourceVersion');
const uidOf = ({ body }: Answer) => stringAt(body, 'metadata', 'uid');

const startShop = async (): Promise<TestApi> => {
  const api = await startTestApi();
  await api.make(namespaceOf('shop'));
  return api;
};

test('whoever has no token, or a wrong one, learns nothing', async () => {
  const { ask, token } = await startTestApi();
  for (const authorization of [
    undefined,
    '',
    'Bearer',
    `Bearer ${token}x`,
    `Bearer ${'x'.repeat(token.length)}`,
    `Basic ${token}`,
    token,
  ])
    expect(await ask('GET', '/api/v1/secrets', undefined, { authorization })).toMatchObject({
      status: 401,
      body: { kind: 'Status', reason: 'Unauthorized' },
    });
  expect((await ask('GET', '/api/v1/secrets')).status).toBe(200);
});

test('speaks TLS alone, on loopback alone, with a certificate that its kubeconfig vouches for', async () => {
  const { server, ca } = await startTestApi();
  const plain = new Promise((resolve, reject) =>
    httpRequest({ hostname: server.hostname, port: server.port }, resolve).on('error', reject).end(),
  );
  await expect(plain).rejects.toThrow();
  expect(server.hostname).toBe('127.0.0.1');
  const trust = (authority: string | undefined) =>
    new Promise<boolean>((resolve, reject) => {
      const socket = connect({
        host: '127.0.0.1',
        port: Number(server.port),
        ca: authority,
        rejectUnauthorized: false,
      });
      socket.on('secureConnect', () => resolve(socket.authorized)).on('error', reject);
      socket.on('secureConnect', () => socket.end());
    });
  expect(await trust(ca)).toBe(true);
  expect(await trust(undefined)).toBe(false);
});

test('token, certificate, port, objects and their versions outlive a restart', async () => {
  const folder = await makeTestFolder();
  const first = await startTestApi({ folder });
  await first.make(namespaceOf('shop'), configMapOf('settings', { a: '1' }));
  const before = await first.ask('GET', `${shop}/configmaps/settings`);
  await first.stop();

  const second = await startTestApi({ folder });
  expect([second.server.href, second.token, second.ca]).toEqual([first.server.href, first.token, first.ca]);
  const after = await second.ask('GET', `${shop}/configmaps/settings`);
  expect(after.body).toEqual(before.body);
  await second.make(configMapOf('later'));
  const later = await second.ask('GET', `${shop}/configmaps/later`);
  expect(Number(versionOf(later))).toBeGreaterThan(Number(versionOf(before)));
});

test('a create keeps what is there', async () => {
  const { ask } = await startShop();
  const create = (a: string) => ask('POST', `${shop}/configmaps`, configMapOf('settings', { a }));
  expect(await create('1')).toMatchObject({ status: 201, body: { data: { a: '1' } } });
  expect(await create('2')).toMatchObject({
    status: 409,
    body: { reason: 'AlreadyExists', message: 'configmaps "settings" already exists' },
  });
  expect((await ask('GET', `${shop}/configmaps/settings`)).body).toMatchObject({ data: { a: '1' } });
});

test.each([
  ['a body that is no object', [], 400, 'BadRequest'],
  ['a name that is none', configMapOf('No Name'), 422, 'Invalid'],
])('%s is refused', async (_what, body, status, reason) => {
  const { ask } = await startShop();
  expect(await ask('POST', `${shop}/configmaps`, body)).toMatchObject({ status, body: { reason } });
});

test('a namespace that is not there takes nothing', async () => {
  const { ask } = await startTestApi();
  expect(await ask('POST', `${shop}/configmaps`, configMapOf('settings'))).toMatchObject({
    status: 404,
    body: { message: 'namespaces "shop" not found' },
  });
});

test('a namespace that goes says what holds it up, takes nothing new, and goes when it is let', async () => {
  const { ask, make } = await startShop();
  await make(configMapOf('held', {}, { finalizers: ['example.com/held'] }));
  expect((await ask('DELETE', shop)).body).toMatchObject({ status: { phase: 'Terminating' } });
  await until('it is stuck', async () => (await ask('GET', shop)).text.includes('SomeFinalizersRemain'));

  expect(await ask('POST', `${shop}/configmaps`, configMapOf('new'))).toMatchObject({
    status: 403,
    body: {
      reason: 'Forbidden',
      message:
        'configmaps "new" is forbidden: unable to create new content in namespace shop because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    },
  });
  expect((await ask('POST', '/api/v1/namespaces', namespaceOf('shop'))).status).toBe(409);
  const patch = { 'content-type': 'application/merge-patch+json' };
  await ask('PATCH', `${shop}/configmaps/held`, { metadata: { finalizers: null } }, patch);
  await until('it is gone', async () => (await ask('GET', shop)).status === 404);
});

test('a namespace takes its content along, whatever its own manifest said', async () => {
  const { ask, make } = await startTestApi();
  await make({ ...namespaceOf('shop'), spec: {}, status: {} }, configMapOf('settings'), podOf('web'));
  expect((await ask('GET', shop)).body).toMatchObject({
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
  await ask('PUT', shop, namespaceOf('shop'));
  await ask('DELETE', shop);
  await until('it is gone', async () => (await ask('GET', shop)).status === 404);
  for (const plural of ['configmaps', 'pods', 'events'])
    expect(namesIn(await ask('GET', `/api/v1/${plural}`))).toEqual([]);
});

test('a delete that means another object of that name is refused', async () => {
  const { ask, make } = await startShop();
  await make(configMapOf('settings'));
  const uid = uidOf(await ask('GET', `${shop}/configmaps/settings`));
  const remove = (meant: string | undefined) =>
    ask('DELETE', `${shop}/configmaps/settings`, { preconditions: { uid: meant } });
  const refused = await remove('another');
  expect(refused).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
  expect(stringAt(refused.body, 'message')).toContain('Precondition failed: UID in precondition: another');
  expect((await remove(uid)).status).toBe(200);
  expect(await remove(uid)).toMatchObject({ status: 404, body: { reason: 'NotFound' } });
});

test.each([
  ['labelSelector=app=web', ['one', 'two']],
  ['labelSelector=app==web,tier=back', ['two']],
  ['labelSelector=app!=web', ['none', 'three']],
  ['labelSelector=app in (db, web),tier', ['two']],
  ['labelSelector=app notin (web)', ['none', 'three']],
  ['labelSelector=!app', ['none']],
  ['fieldSelector=metadata.name=two', ['two']],
  ['fieldSelector=metadata.name!=two,data.a=', ['none', 'one']],
])('a list with %s holds what fits', async (query, expected) => {
  const { ask, make } = await startShop();
  await make(
    configMapOf('none'),
    configMapOf('one', {}, { labels: { app: 'web' } }),
    configMapOf('two', { a: '1' }, { labels: { app: 'web', tier: 'back' } }),
    configMapOf('three', { a: '1' }, { labels: { app: 'db' } }),
  );
  const answer = await ask('GET', `${shop}/configmaps?${encodeURI(query)}`);
  expect(namesIn(answer)).toEqual(expected);
});

test('a replace writes to the version that was read or not at all, and never changes who the object is', async () => {
  const { ask, make } = await startShop();
  await make(configMapOf('settings', { a: '1' }, { labels: { old: 'yes' } }));
  const path = `${shop}/configmaps/settings`;
  const before = await ask('GET', path);
  const put = (resourceVersion: string | undefined, a: string) =>
    ask(
      'PUT',
      path,
      configMapOf('settings', { a }, { uid: 'mine', ...(resourceVersion && { resourceVersion }) }),
    );
  const after = await put(versionOf(before), '2');
  expect(after.body).toMatchObject({ data: { a: '2' } });
  expect(at(after.body, 'metadata', 'labels')).toBeUndefined();
  expect(uidOf(after)).toBe(uidOf(before));
  expect(await put(versionOf(before), '3')).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
  expect((await put(undefined, '4')).status).toBe(200);
});

test('a dry run answers as if, and changes nothing', async () => {
  const { ask, make, emulator } = await startShop();
  await make(configMapOf('settings', { a: '1' }));
  const version = emulator.store.version();
  const apply = { 'content-type': 'application/apply-patch+yaml' };
  const patch = { 'content-type': 'application/merge-patch+json' };
  const path = `${shop}/configmaps/settings?dryRun=All`;
  const answers = [
    await ask('POST', `${shop}/configmaps?dryRun=All`, configMapOf('new', { a: '2' })),
    await ask('PATCH', path, { data: { a: '2' } }, patch),
    await ask('PATCH', `${path}&force=true`, configMapOf('settings', { a: '2' }), apply),
    await ask('PATCH', `${shop}/configmaps/new?dryRun=All`, configMapOf('new', { a: '2' }), apply),
  ];
  for (const { body } of answers) expect(body).toMatchObject({ data: { a: '2' } });
  expect(emulator.store.version()).toBe(version);
});

test('a Secret’s stringData is kept as data', async () => {
  const { ask, make } = await startShop();
  const metadata = { name: 'sec', namespace: 'shop' };
  await make({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password: 'pässword' } });
  const { body } = await ask('GET', `${shop}/secrets/sec`);
  expect(at(body, 'data')).toEqual({ password: Buffer.from('pässword').toString('base64') });
  expect(at(body, 'stringData')).toBeUndefined();
});

test('a deployment is scaled by its subresource, as kubectl does it', async () => {
  const { ask, make } = await startShop();
  const selector = { matchLabels: { app: 'web' } };
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'web' }] },
  };
  const metadata = { name: 'web', namespace: 'shop' };
  await make({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 1, selector, template },
  });
  const path = '/apis/apps/v1/namespaces/shop/deployments/web';
  const readyOf = async () => numberAt((await ask('GET', path)).body, 'status', 'readyReplicas');
  await until('one pod', async () => (await readyOf()) === 1);

  const patch = { 'content-type': 'application/merge-patch+json' };
  const scaled = await ask('PATCH', `${path}/scale`, { spec: { replicas: 3 } }, patch);
  expect(scaled.body).toMatchObject({
    kind: 'Scale',
    spec: { replicas: 3 },
    status: { selector: 'app=web' },
  });
  await until('three pods', async () => (await readyOf()) === 3);
  expect((await ask('GET', `${path}/scale`)).body).toMatchObject({ kind: 'Scale', status: { replicas: 3 } });
  expect((await ask('PUT', `${path}/scale`, { spec: {} })).status).toBe(400);

  await ask('PUT', `${path}/scale`, { spec: { replicas: 0 } });
  await until('no pod', async () => namesIn(await ask('GET', `${shop}/pods`)).length === 0);
});

test.each([
  ['GET', '/api/v1/nothings', 404],
  ['GET', '/apis/batch/v1/jobs', 404],
  ['GET', '/nothing', 404],
  ['POST', '/api/v1/namespaces/shop/pods/web/eviction', 404],
  ['OPTIONS', '/api/v1/pods', 405],
])('%s %s is answered with a Status', async (method, path, status) => {
  const { ask } = await startShop();
  expect(await ask(method, path, {})).toMatchObject({ status, body: { kind: 'Status', code: status } });
});

test('tells kubectl what it needs: kinds, versions, that it checks fields, and that this person may do everything', async () => {
  const { ask } = await startTestApi();
  const core = await ask('GET', '/api/v1');
  expect(objectsAt(core.body, 'resources')).toContainEqual(
    expect.objectContaining({ name: 'pods', shortNames: ['po'], categories: ['all'], namespaced: true }),
  );
  const apps = await ask('GET', '/apis/apps/v1');
  expect(objectsAt(apps.body, 'resources')).toContainEqual(
    expect.objectContaining({ name: 'deployments/scale', group: 'autoscaling', kind: 'Scale' }),
  );
  const link = stringAt((await ask('GET', '/openapi/v3')).body, 'paths', 'apis/apps/v1', 'serverRelativeURL');
  const operations = at(
    (await ask('GET', link ?? '')).body,
    'paths',
    '/apis/apps/v1/namespaces/{namespace}/deployments/{name}',
  );
  expect(objectsAt(operations, 'patch', 'parameters').map(({ name }) => name)).toEqual([
    'dryRun',
    'fieldValidation',
  ]);
  expect((await ask('GET', '/openapi/v2')).text).toBe('');
  const review = { kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { verb: 'create' } } };
  expect(
    (await ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review)).body,
  ).toMatchObject({
    kind: 'SelfSubjectAccessReview',
    status: { allowed: true },
  });
});

test('shows a table to whoever asks for one, with more columns for -o wide', async () => {
  const { ask, make } = await startShop();
  await make(podOf('web'));
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  await until('it runs', async () => {
    const { body } = await ask('GET', `${shop}/pods`, undefined, { accept });
    const columns = objectsAt(body, 'columnDefinitions');
    expect(columns.map(({ name, priority }) => [name, priority])).toEqual([
      ...['Name', 'Ready', 'Status', 'Restarts', 'Age'].map((name) => [name, 0]),
      ...['IP', 'Node'].map((name) => [name, 1]),
    ]);
    const [row] = objectsAt(body, 'rows');
    const cells = Array.isArray(row?.['cells']) ? row['cells'] : [];
    return cells.slice(0, 4).join(' ') === 'web 1/1 Running 0';
  });
});
