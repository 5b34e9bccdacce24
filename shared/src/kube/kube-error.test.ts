import { expect, test } from 'vitest';
import { PlatformError } from '../contract/problem.ts';
import { cleanText } from '../text/clean-text.ts';
import { KubeStatusError, toPlatformError } from './kube-error.ts';

const answer = (status: number, reason: string, message: string) =>
  toPlatformError(new KubeStatusError(status, JSON.stringify({ reason, message })));

test.each([
  [429, 'TooManyRequests', 'slow down', 'cluster_busy', true],
  [500, 'InternalError', 'etcd is away', 'cluster_away', true],
  [503, '', '', 'cluster_away', true],
  [504, 'Timeout', 'the request did not complete', 'cluster_away', true],
  [403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: store-quota', 'quota_exceeded', false],
  [
    403,
    'Forbidden',
    'persistentvolumeclaims "x" is forbidden: status unknown for quota: store-quota, resources: requests.storage',
    'cluster_busy',
    true,
  ],
  [
    403,
    'Forbidden',
    'unable to create new content in namespace store-x because it is being terminated',
    'namespace_terminating',
    true,
  ],
  [403, 'Forbidden', 'User "platform" cannot create resource "secrets"', 'cluster_forbidden', false],
  [401, 'Unauthorized', 'Unauthorized', 'cluster_unauthenticated', true],
  [409, 'Conflict', 'conflict with "kubectl"', 'cluster_conflict', true],
  [409, 'AlreadyExists', 'already exists', 'cluster_conflict', true],
  [400, 'BadRequest', 'unknown field', 'cluster_rejected', false],
  [422, 'Invalid', 'spec.replicas: Invalid value', 'cluster_rejected', false],
  [404, 'NotFound', 'namespaces "store-x" not found', 'cluster_rejected', false],
])('a %d %s "%s" is %s', (status, reason, message, code, retryable) => {
  expect(answer(status, reason, message)).toMatchObject({ code, retryable });
});

test('a verb that the platform lacks is said in a sentence, with what to give to its role', () => {
  const words =
    'namespaces is forbidden: User "system:serviceaccount:shops:platform" cannot create resource "namespaces" in API group "" at the cluster scope';
  expect(answer(403, 'Forbidden', words)).toMatchObject({
    message: `The platform may not create namespaces: ${words}`,
    hint: 'Give the platform\'s role the verb "create" on "namespaces", then retry.',
  });
});

test('a quota that is too small is said with its figures', () => {
  const words =
    'persistentvolumeclaims "mysql-data" is forbidden: exceeded quota: store-quota, requested: requests.storage=5Gi, used: requests.storage=0, limited: requests.storage=1Gi';
  expect(answer(403, 'Forbidden', words)).toMatchObject({
    message:
      'The quota store-quota is too small: requests.storage=5Gi is asked for, requests.storage=0 is used, requests.storage=1Gi is allowed.',
  });
});

test('a namespace that somebody deleted is said to be so', () => {
  expect(answer(404, 'NotFound', 'namespaces "store-x" not found')).toMatchObject({
    hint: expect.stringContaining('Retry the store'),
  });
});

test.each([
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
  new Error('socket hang up'),
  new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
])('$message means that the cluster is away', (error) => {
  expect(toPlatformError(error)).toMatchObject({ code: 'cluster_away', retryable: true });
});

test('a fault of our own stays what it is', () => {
  const fault = new TypeError('x is not a function');
  expect(toPlatformError(fault)).toBe(fault);
  const known = new PlatformError('internal', 'known');
  expect(toPlatformError(known)).toBe(known);
});

test('keeps how long the server asks to wait, from its header or its body', () => {
  expect(toPlatformError(new KubeStatusError(429, '', '9'))).toMatchObject({ retryAfterSeconds: 9 });
  const body = JSON.stringify({ details: { retryAfterSeconds: 4 } });
  expect(toPlatformError(new KubeStatusError(429, body))).toMatchObject({ retryAfterSeconds: 4 });
});

test('what is no JSON is told by its number alone', () => {
  expect(new KubeStatusError(502, '<html>bad gateway</html>').message).toBe('Kubernetes answered 502');
});

test('text from elsewhere is stored whole by PostgreSQL: no NUL, no half pairs, also where it is cut', () => {
  expect(cleanText('a\0b\ud800c')).toBe('ab\ufffdc');
  expect(cleanText('ab😀', 3)).toBe('ab\ufffd');
});
