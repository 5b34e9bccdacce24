import { expect, test } from 'vitest';
import { at, objectsAt, type JsonObject } from '../objects/json.ts';
import { KubeStatusError } from '../objects/kube-status-error.ts';
import type { KubeObject } from '../objects/object-store.ts';
import { configMapOf, namespaceOf, startTestApi } from '../testing/test-api.ts';
import { recordUpdate, serverSideApply } from './server-side-apply.ts';

const metadata = { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '1', creationTimestamp: '' };
const live = (rest: JsonObject = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { ...metadata },
  ...rest,
});

const manifest = (content: JsonObject, name = 'web'): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  ...content,
});

const withContainers = (...containers: JsonObject[]) =>
  manifest({ spec: { template: { spec: { containers } } } });
const containersOf = (object: JsonObject) => objectsAt(object, 'spec', 'template', 'spec', 'containers');

const apply = (object: KubeObject, applied: JsonObject, manager = 'platform', force = false) =>
  serverSideApply(object, applied, { manager, force });

const refusalOf = (run: () => void): KubeStatusError | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof KubeStatusError) return error;
    throw error;
  }
};

test('a field that is no longer named goes, and one that someone else set stays', () => {
  const object = live();
  apply(object, manifest({ data: { a: '1', b: '2' } }));
  apply(object, manifest({ data: { c: '3' } }), 'somebody');
  apply(object, manifest({ data: { a: '1' } }));
  expect(object['data']).toEqual({ a: '1', c: '3' });
});

test('a field that two own stays until both have let go', () => {
  const object = live();
  apply(object, manifest({ data: { a: '1', b: '2' } }));
  apply(object, manifest({ data: { b: '2' } }), 'somebody');
  apply(object, manifest({ data: { a: '1' } }));
  expect(object['data']).toEqual({ a: '1', b: '2' });
  apply(object, manifest({ data: {} }), 'somebody');
  expect(object['data']).toEqual({ a: '1' });
});

test('an item of a named list that is no longer named goes whole, and leaves no half behind', () => {
  const object = live();
  apply(
    object,
    withContainers(
      { name: 'web', image: 'web:1' },
      { name: 'helper', image: 'helper', env: [{ name: 'A', value: '1' }] },
    ),
  );
  apply(object, withContainers({ name: 'web', image: 'web:2' }));
  expect(containersOf(object)).toEqual([{ name: 'web', image: 'web:2' }]);
});

test('items of a named list merge by their names, what others put into them included', () => {
  const object = live();
  apply(
    object,
    withContainers({
      name: 'web',
      image: 'web:1',
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    }),
  );
  apply(object, withContainers({ name: 'web', env: [{ name: 'C', value: '3' }] }), 'somebody');
  apply(object, withContainers({ name: 'web', image: 'web:1', env: [{ name: 'B', value: '2' }] }));
  expect(containersOf(object)).toEqual([
    {
      name: 'web',
      image: 'web:1',
      env: [
        { name: 'B', value: '2' },
        { name: 'C', value: '3' },
      ],
    },
  ]);
});

test('two ports of one number and two protocols are two items', () => {
  const object = live();
  const ports = [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }];
  apply(object, withContainers({ name: 'dns', ports }));
  apply(object, withContainers({ name: 'dns', ports: [ports[1]] }));
  expect(at(containersOf(object)[0], 'ports')).toEqual([{ containerPort: 53, protocol: 'UDP' }]);
});

test('a list without names is replaced whole', () => {
  const object = live();
  apply(object, withContainers({ name: 'web', command: ['a', 'b'] }));
  apply(object, withContainers({ name: 'web', command: ['c'] }));
  expect(containersOf(object)).toEqual([{ name: 'web', command: ['c'] }]);
});

test('another owner’s field with another value conflicts, by name; with force it changes hands', () => {
  const object = live();
  apply(object, manifest({ spec: { replicas: 1 } }));
  const refusal = refusalOf(() => apply(object, manifest({ spec: { replicas: 2 } }), 'somebody'));
  expect(refusal).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "platform" using apps/v1: .spec.replicas',
  });
  expect(refusal?.details).toEqual({
    causes: [
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "platform" using apps/v1',
        field: '.spec.replicas',
      },
    ],
  });
  expect(at(object, 'spec', 'replicas')).toBe(1);

  apply(object, manifest({ spec: { replicas: 2 } }), 'somebody', true);
  expect(at(object, 'spec', 'replicas')).toBe(2);
  // It isn't the first one's any more: it stays when that one leaves it out, and goes when its new owner does.
  const kept = structuredClone(object);
  apply(kept, manifest({}));
  expect(at(kept, 'spec', 'replicas')).toBe(2);
  apply(object, manifest({}), 'somebody');
  expect(at(object, 'spec', 'replicas')).toBeUndefined();
});

test('the same value is shared without a conflict', () => {
  const object = live();
  apply(object, manifest({ spec: { replicas: 1 } }));
  expect(refusalOf(() => apply(object, manifest({ spec: { replicas: 1 } }), 'somebody'))).toBeUndefined();
});

test('a field that a plain write changed belongs to that writer', () => {
  const object = live();
  apply(object, manifest({ spec: { replicas: 1 } }));
  const before = structuredClone(object);
  object['spec'] = { replicas: 5 };
  recordUpdate(before, object, 'kubectl');
  const refusal = refusalOf(() => apply(object, manifest({ spec: { replicas: 1 } })));
  expect(refusal?.message).toContain('.spec.replicas');
});

test('over HTTP: the same apply twice keeps the version, a changed one raises it, and the owners are told', async () => {
  const { ask, make } = await startTestApi();
  await make(namespaceOf('shop'));
  const path = '/api/v1/namespaces/shop/configmaps/settings?fieldManager=platform&force=true';
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  const send = async (data: Record<string, string>) =>
    (await ask('PATCH', path, configMapOf('settings', data), headers)).body;
  const versionOf = (body: unknown) => at(body, 'metadata', 'resourceVersion');
  const first = await send({ a: '1' });
  expect(versionOf(await send({ a: '1' }))).toBe(versionOf(first));
  expect(versionOf(await send({ a: '2' }))).not.toBe(versionOf(first));
  const managers = objectsAt(await send({ a: '2' }), 'metadata', 'managedFields');
  expect(managers).toEqual([
    expect.objectContaining({
      manager: 'platform',
      operation: 'Apply',
      fieldsV1: { 'f:data': { 'f:a': {} } },
    }),
  ]);

  const unforced = '/api/v1/namespaces/shop/configmaps/settings?fieldManager=somebody';
  expect(await ask('PATCH', unforced, configMapOf('settings', { a: '3' }), headers)).toMatchObject({
    status: 409,
    body: { reason: 'Conflict', details: { causes: [{ field: '.data.a' }] } },
  });
});
