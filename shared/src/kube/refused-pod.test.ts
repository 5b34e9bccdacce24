import { expect, test } from 'vitest';
import { refusedPod } from './refused-pod.ts';

const short = 60_000;

test.each([
  [
    'pods "q-8599c79755-6tqqb" is forbidden: exceeded quota: store-quota, requested: limits.memory=512Mi, used: limits.memory=0, limited: limits.memory=256Mi',
    'quota_exceeded',
    'The quota store-quota is too small: limits.memory=512Mi is asked for, limits.memory=0 is used, limits.memory=256Mi is allowed.',
    0,
  ],
  [
    'pods "q-1" is forbidden: exceeded quota: store-quota',
    'quota_exceeded',
    'The quota store-quota is too small.',
    0,
  ],
  [
    'pods "q-1" is forbidden: status unknown for quota: store-quota, resources: limits.cpu,limits.memory',
    'cluster_rejected',
    'The quota has not been counted yet',
    short,
  ],
  [
    'pods "overlimit-99c5f895d-d79zv" is forbidden: maximum memory usage per Container is 2000Gi, but limit is 3000Gi',
    'quota_exceeded',
    "The namespace's limit range refuses the pod: maximum memory usage per Container is 2000Gi, but limit is 3000Gi",
    0,
  ],
  [
    'pods "q-1" is forbidden: error looking up service account store-x/default: serviceaccount "default" not found',
    'cluster_rejected',
    'no service account',
    short,
  ],
  [
    'pods "q-1" is forbidden: violates PodSecurity "baseline:latest": privileged (container "mysql" must not set securityContext.privileged=true)',
    'cluster_rejected',
    'Pod Security level refuses the pod: violates',
    0,
  ],
  [
    'Internal error occurred: failed calling webhook "validate.example.com": Post "https://x.svc:443/": context deadline exceeded',
    'cluster_rejected',
    'failed calling webhook',
    short,
  ],
  ['pods "q-1" is forbidden: because', 'cluster_rejected', 'Kubernetes refuses the pod: because', 0],
])('a refused pod: %s', (message, code, sentence, patienceMs) => {
  const found = refusedPod(message);
  expect(found).toMatchObject({ code, patienceMs });
  expect(found.message).toContain(sentence);
});
