import { expect, test } from 'vitest';
import { imageTrouble } from './image-trouble.ts';

const endless = Number.POSITIVE_INFINITY;
const short = 60_000;

const registry = (words: string) =>
  `rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/library/mysql:8.0": failed to resolve reference "docker.io/library/mysql:8.0": ${words}`;
test.each([
  // containerd 1.4 to 2.1, and Docker's own words.
  [
    'failed to do request: Head "https://registry-1.docker.io/v2/library/mysql/manifests/8.0": dial tcp: lookup registry-1.docker.io on 10.99.0.1:53: no such host',
    'The node cannot resolve the name of the registry of mysql:8.0 (DNS): Head "https://registry-1',
    short,
  ],
  [
    'failed to do request: Head "https://registry.example/v2/": dial tcp: lookup registry.example: Temporary failure in name resolution',
    '(DNS)',
    short,
  ],
  [
    'failed to do request: Head "http://127.0.0.1:9/v2/mysql/manifests/8.0": dial tcp 127.0.0.1:9: connect: connection refused',
    'The registry of mysql:8.0 does not answer the node: Head "http://127.0.0.1:9',
    short,
  ],
  [
    'failed to do request: Head "https://r.example/v2/mysql/manifests/8.0": dial tcp 10.0.0.1:443: i/o timeout',
    'does not answer the node',
    short,
  ],
  [
    'unexpected status code [manifests 8.0]: 503 Service Unavailable: unexpected status: 503',
    'does not answer the node',
    short,
  ],
  [
    'failed to do request: Head "https://r.example/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'does not trust the registry',
    short,
  ],
  [
    'docker.io/library/mysql:8.0: not found',
    'The image mysql:8.0 does not exist: docker.io/library/mysql:8.0: not found',
    0,
  ],
  [
    'manifest for mysql:8.0 not found: manifest unknown: manifest unknown',
    'The image mysql:8.0 does not exist',
    0,
  ],
  [
    'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    'it does not exist, or a pull secret is missing',
    0,
  ],
  [
    'failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized',
    'a pull secret is missing',
    0,
  ],
  ['no match for platform in manifest: not found', "for the node's kind of machine", 0],
  [
    'unexpected status code 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit',
    'asks to slow down',
    endless,
  ],
  ['write /var/lib/containerd/x: no space left on device', 'has no room on its disk', short],
  ['it is Tuesday', 'The image mysql:8.0 cannot be pulled: it is Tuesday', short],
])('an image that cannot be pulled: "%s"', (words, sentence, patienceMs) => {
  const found = imageTrouble('mysql:8.0', registry(words), 'mysql');
  expect(found).toMatchObject({ code: 'image_pull_failed', subject: 'mysql', patienceMs });
  expect(found.message).toContain(sentence);
  expect(found.message).not.toMatch(/rpc error|failed to resolve/);
});
