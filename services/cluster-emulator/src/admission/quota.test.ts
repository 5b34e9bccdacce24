import { describe, expect, test } from 'vitest';
import { objectsAt, type JsonObject } from '../objects/json.ts';
import { openJournal } from '../objects/journal.ts';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { KubeObject } from '../objects/object-store.ts';
import {
  limitRanges,
  namespaces,
  persistentVolumeClaims,
  pods,
  resourceQuotas,
} from '../objects/resources.ts';
import { admit } from './admit.ts';
import { usedOf } from './quota.ts';

const metaOf = (name: string) => ({
  name,
  namespace: 'shop',
  uid: '',
  resourceVersion: '',
  creationTimestamp: '',
});
const objectOf = (kind: string, name: string, spec: JsonObject): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: metaOf(name),
  spec,
});

const startShop = (hard: Record<string, string>) => {
  const store = createMemoryObjectStore(openJournal(undefined));
  const { namespace: _namespace, ...metadata } = metaOf('shop');
  store.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
  store.create(resourceQuotas, objectOf('ResourceQuota', 'small', { hard }));
  const place = (pod: KubeObject): KubeObject => {
    admit(store, pods, pod);
    return store.create(pods, pod);
  };
  const claim = (name: string, storage: string) => {
    const object = objectOf('PersistentVolumeClaim', name, { resources: { requests: { storage } } });
    admit(store, persistentVolumeClaims, object);
    return store.create(persistentVolumeClaims, object);
  };
  const used = () => usedOf(store, objectOf('ResourceQuota', 'small', { hard }));
  return { store, place, claim, used };
};

const container = (name: string, requests: JsonObject = {}, limits: JsonObject = {}) => ({
  name,
  image: name,
  resources: { requests, limits },
});
const podOf = (name: string, containers: JsonObject[], initContainers: JsonObject[] = []) =>
  objectOf('Pod', name, { containers, initContainers });

describe('a quota', () => {
  test('refuses a pod whose containers do not say how much they want, and names each figure and container', () => {
    const { place } = startShop({ 'requests.cpu': '1', 'limits.memory': '1Gi', pods: '9' });
    const pod = podOf('web', [container('web', { cpu: '1' }), container('helper')], [container('init')]);
    expect(() => place(pod)).toThrow(
      'pods "web" is forbidden: failed quota: small: must specify limits.memory for: helper,init,web; requests.cpu for: helper,init',
    );
  });

  test('counts containers together, and init containers only where one of them wants more', () => {
    const { place, used } = startShop({
      cpu: '2',
      'requests.memory': '1Gi',
      'limits.memory': '2Gi',
      pods: '9',
    });
    const figures = (memory: string) =>
      [
        { cpu: '250m', memory },
        { cpu: '500m', memory },
      ] as const;
    place(
      podOf(
        'web',
        [container('a', ...figures('64Mi')), container('b', ...figures('64Mi'))],
        [container('small', ...figures('32Mi')), container('large', ...figures('256Mi'))],
      ),
    );
    expect(used()).toEqual({ cpu: '500m', 'requests.memory': '256Mi', 'limits.memory': '256Mi', pods: '1' });
  });

  test('refuses what is too much in Kubernetes’ own words, and takes it when there is room', () => {
    const { store, place } = startShop({ 'requests.memory': '1Gi', pods: '2' });
    const small = [container('web', { memory: '600Mi' })];
    place(podOf('first', small));
    expect(() => place(podOf('second', small))).toThrow(
      'pods "second" is forbidden: exceeded quota: small, requested: requests.memory=600Mi, used: requests.memory=600Mi, limited: requests.memory=1Gi',
    );
    store.update(pods, 'shop', 'first', (pod) => void (pod['status'] = { phase: 'Succeeded' }));
    expect(place(podOf('second', small)).metadata.name).toBe('second');
  });

  test('counts pods and claims', () => {
    const { place, claim } = startShop({
      pods: '1',
      persistentvolumeclaims: '2',
      'requests.storage': '10Gi',
    });
    place(podOf('first', []));
    expect(() => place(podOf('second', []))).toThrow('requested: pods=1, used: pods=1, limited: pods=1');
    claim('one', '6Gi');
    expect(() => claim('two', '5Gi')).toThrow(
      'persistentvolumeclaims "two" is forbidden: exceeded quota: small, requested: requests.storage=5Gi, used: requests.storage=6Gi, limited: requests.storage=10Gi',
    );
    claim('two', '4Gi');
    expect(() => claim('three', '1Mi')).toThrow('persistentvolumeclaims=1');
  });
});

test('a limit range gives silent containers their figures, before the quota looks', () => {
  const { store, place } = startShop({ 'requests.cpu': '1', 'limits.cpu': '1' });
  const limits = [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' } }];
  store.create(limitRanges, objectOf('LimitRange', 'defaults', { limits }));
  const pod = place(
    podOf('web', [container('silent'), container('outspoken', { cpu: '200m' })], [{ name: 'init' }]),
  );
  const resourcesOf = (which: string) => objectsAt(pod, 'spec', which).map(({ resources }) => resources);
  expect(resourcesOf('containers')).toEqual([
    { requests: { cpu: '100m' }, limits: { cpu: '500m' } },
    { requests: { cpu: '200m' }, limits: { cpu: '500m' } },
  ]);
  expect(resourcesOf('initContainers')).toEqual([{ requests: { cpu: '100m' }, limits: { cpu: '500m' } }]);
});
