import { expect, it } from 'vitest';
import { parseKubeObject } from '@store-platform/shared/kube/kube-object';
import { holdUpOf } from './hold-up-of.ts';

const namespaceWith = (conditions: Record<string, string>, finalizers: string[] = []) =>
  parseKubeObject({
    metadata: { name: 'store-ab12cd34', uid: 'u', resourceVersion: '1', finalizers },
    status: {
      conditions: [
        ...Object.entries(conditions).map(([type, message]) => ({ type, status: 'True', message })),
        { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', message: 'All is well' },
      ],
    },
  });

it.each([
  ['nothing, while Kubernetes says nothing', {}, [], undefined],
  [
    'the finalizer of somebody, on which object, and who can lift it',
    {
      NamespaceContentRemaining: 'Some resources are remaining: secrets. has 1 resource instances',
      NamespaceFinalizersRemaining:
        'Some content in the namespace has finalizers remaining: store-platform.dev/held in 1 resource instances',
    },
    [],
    {
      message:
        'The finalizer store-platform.dev/held is on 1 object in it. Still there: 1 of secrets. ' +
        'Whoever set it must lift it, or the object be edited by hand.',
      needsSomebody: true,
    },
  ],
  [
    'Kubernetes’ own finalizers, which go by themselves',
    {
      NamespaceContentRemaining:
        'Some resources are remaining: persistentvolumeclaims. has 2 resource instances, deployments.apps has 1 resource instances',
      NamespaceFinalizersRemaining:
        'Some content in the namespace has finalizers remaining: kubernetes.io/pvc-protection in 2 resource instances',
    },
    [],
    {
      message:
        'The finalizer kubernetes.io/pvc-protection is on 2 objects in it. ' +
        'Still there: 2 of persistentvolumeclaims, 1 of deployments.apps.',
      needsSomebody: false,
    },
  ],
  [
    'a finalizer of the namespace itself',
    {},
    ['example.com/backup'],
    {
      message:
        'The namespace itself has the finalizer example.com/backup. ' +
        'Whoever set it must lift it, or the object be edited by hand.',
      needsSomebody: true,
    },
  ],
  [
    'an API that does not answer, in Kubernetes’ words',
    { NamespaceDeletionContentFailure: 'Failed to delete all resource types, 1 remaining: timed out.' },
    [],
    { message: 'Failed to delete all resource types, 1 remaining: timed out.', needsSomebody: false },
  ],
])('a namespace that does not go tells %s', (_what, conditions, finalizers, holdUp) => {
  expect(holdUpOf(namespaceWith(conditions, finalizers))).toEqual(holdUp);
});
