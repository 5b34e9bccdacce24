import { describe, expect, test } from 'vitest';
import { diagnose } from './diagnose.ts';
import { parseKubeObject } from './kube-object.ts';

const object = (name: string, status: object, metadata: object = {}, spec: object = {}) =>
  parseKubeObject({
    metadata: { name, uid: `uid-${name}`, resourceVersion: '1', ...metadata },
    spec,
    status,
  });
type Made = ReturnType<typeof object>;

const container = (fields: object) => ({ name: 'mysql', image: 'mysql:8.0', restartCount: 0, ...fields });
const podWith = (fields: object, spec: object = {}) =>
  object('mysql-1', { containerStatuses: [container(fields)] }, {}, spec);
const waiting = (reason: string, message = '', more: object = {}) =>
  podWith({ state: { waiting: { reason, message } }, ...more });
const preparing = (fields: object) =>
  object('woocommerce-1', {
    initContainerStatuses: [{ name: 'packages', restartCount: 0, ...fields }],
    containerStatuses: [{ name: 'wordpress', state: { waiting: { reason: 'PodInitializing' } } }],
  });
const ended = (exitCode: number, reason = 'Error', message = '') => ({
  terminated: { exitCode, reason, message },
});
const eventOn = (about: Made, reason: string, message: string, more: object = {}) =>
  parseKubeObject({
    metadata: {
      name: `${reason}-${message.length}`,
      uid: 'e',
      resourceVersion: '1',
      creationTimestamp: '2026-11-25T07:58:00Z',
    },
    involvedObject: { kind: 'Pod', name: about.metadata.name, uid: about.metadata.uid },
    reason,
    message,
    lastTimestamp: '2026-11-25T07:58:00Z',
    ...more,
  });

const ofPod = (pod: Made, ...events: Made[]) => diagnose({ pods: [pod], replicaSets: [], events });
const ofClaim = (...events: [reason: string, message: string][]) => {
  const claim = object('mysql-data', { phase: 'Pending' });
  return diagnose({
    pods: [],
    replicaSets: [],
    claims: [claim],
    events: events.map(([reason, message]) => eventOn(claim, reason, message)),
  });
};
const endless = Number.POSITIVE_INFINITY;
const short = 60_000;

test('nothing is wrong with pods that start, run or are not there yet', () => {
  expect(diagnose({ pods: [], replicaSets: [] })).toBeUndefined();
  expect(ofPod(object('mysql-1', {}))).toBeUndefined();
  expect(ofPod(waiting('ContainerCreating'))).toBeUndefined();
  expect(ofPod(waiting('PodInitializing'))).toBeUndefined();
  expect(ofPod(podWith({ state: { running: { startedAt: 'now' } } }))).toBeUndefined();
  expect(ofPod(preparing({ state: ended(0, 'Completed'), lastState: ended(22) }))).toBeUndefined();
});

describe('an image', () => {
  const notFound =
    'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/mysql:8.0": docker.io/library/mysql:8.0: not found';
  test('whose back-off says no more gets its cause from the events', () => {
    const pod = waiting('ImagePullBackOff', 'Back-off pulling image "mysql:8.0"');
    expect(ofPod(pod)).toMatchObject({
      message: 'The image mysql:8.0 cannot be pulled.',
      isVague: true,
      patienceMs: short,
    });
    const pull = eventOn(pod, 'Failed', `Failed to pull image "mysql:8.0": ${notFound}`);
    expect(ofPod(pod, pull)).toMatchObject({
      message: 'The image mysql:8.0 does not exist: docker.io/library/mysql:8.0: not found',
      isVague: false,
      patienceMs: 0,
    });
  });

  test('whose back-off names the cause, as newer kubelets do', () => {
    const message = `Back-off pulling image "mysql:8.0": ErrImagePull: ${notFound}`;
    expect(ofPod(waiting('ImagePullBackOff', message))).toMatchObject({ patienceMs: 0 });
  });

  test.each([
    [
      'InvalidImageName',
      'Failed to apply default image tag "MySQL:8.0:x": couldn\'t parse image reference "MySQL:8.0:x": invalid reference format: repository name must be lowercase',
    ],
    ['ErrImageNeverPull', 'Container image "mysql:1" is not present with pull policy of Never'],
  ])('that no pull can bring: %s', (reason, message) => {
    expect(ofPod(waiting(reason, message))).toMatchObject({
      code: 'image_pull_failed',
      message: expect.stringContaining(`The image mysql:8.0 cannot be used: ${message}`),
      patienceMs: 0,
    });
  });
});

describe('memory', () => {
  const spec = { containers: [{ name: 'mysql', resources: { limits: { memory: '64Mi' } } }] };
  /** Its first process survives the kill of another one, and ends with a code of its own. */
  const killed = ended(1, 'OOMKilled');

  test('that a container lacked once may suffice the next time; twice, it never will', () => {
    expect(
      ofPod(podWith({ restartCount: 1, state: { running: {} }, lastState: killed }, spec)),
    ).toMatchObject({
      code: 'out_of_memory',
      message: 'mysql ran out of memory and was killed (its limit is 64Mi).',
      hint: 'Raise the memory limit of this container, then retry.',
      patienceMs: endless,
    });
    expect(ofPod(podWith({ restartCount: 1, state: killed, lastState: killed }, spec))).toMatchObject({
      code: 'out_of_memory',
      patienceMs: 0,
    });
    const backOff = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } };
    expect(ofPod(podWith({ restartCount: 2, state: backOff, lastState: killed }, spec))).toMatchObject({
      code: 'out_of_memory',
      patienceMs: 0,
    });
  });

  test.each([
    [
      'RunContainerError',
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: container init was OOM-killed (memory limit too low?): unknown',
    ],
    [
      'CreateContainerError',
      'failed to start container "x": Error response from daemon: OCI runtime create failed: fork/exec: cannot allocate memory',
    ],
  ])('that does not suffice for a start at all (%s)', (reason, message) => {
    expect(ofPod(waiting(reason, message))).toMatchObject({ code: 'out_of_memory', patienceMs: 0 });
  });

  test('may be why a container was killed, or a probe', () => {
    const pod = podWith({ restartCount: 1, state: { running: {} }, lastState: ended(137) });
    expect(ofPod(pod)).toMatchObject({
      code: 'crash_loop',
      hint: expect.stringContaining('raise the memory limit'),
    });
  });
});

describe('a container that ends', () => {
  const backOff = {
    waiting: {
      reason: 'CrashLoopBackOff',
      message: 'back-off 40s restarting failed container=mysql pod=crash-58bbf9c875-vwv7v_diag-a(6a57129a)',
    },
  };

  test('may come up at first, as while its database starts, and not after it ended four times', () => {
    expect(ofPod(podWith({ restartCount: 1, state: { running: {} }, lastState: ended(3) }))).toMatchObject({
      code: 'crash_loop',
      message: 'mysql ended once, with Error (exit code 3).',
      patienceMs: endless,
      log: { pod: 'mysql-1', container: 'mysql', ends: 1 },
    });
    expect(ofPod(podWith({ restartCount: 2, state: backOff, lastState: ended(3) }))?.patienceMs).toBe(
      endless,
    );
    expect(ofPod(podWith({ restartCount: 3, state: backOff, lastState: ended(3) }))).toMatchObject({
      message: 'mysql ended 4 times, last with Error (exit code 3).',
      patienceMs: 0,
    });
  });

  test('in good order, again and again, ends all the same', () => {
    const pod = podWith({ restartCount: 3, state: backOff, lastState: ended(0, 'Completed') });
    expect(ofPod(pod)).toMatchObject({ code: 'crash_loop', patienceMs: 0 });
  });

  test('while it prepares the pod is found before the containers that wait for it', () => {
    expect(ofPod(preparing({ state: ended(22) }))).toMatchObject({
      code: 'preparation_failed',
      message: 'packages ended once, with Error (exit code 22).',
      patienceMs: endless,
      log: { container: 'packages', ends: 1 },
    });
    expect(ofPod(preparing({ restartCount: 3, state: backOff, lastState: ended(22) }))).toMatchObject({
      code: 'preparation_failed',
      patienceMs: 0,
    });
  });

  test('before it began: its command is not there', () => {
    const words =
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/nothere": stat /nothere: no such file or directory: unknown';
    const pod = podWith({ restartCount: 1, state: backOff, lastState: ended(128, 'StartError', words) });
    expect(ofPod(pod)).toMatchObject({
      code: 'cluster_rejected',
      message:
        'mysql cannot be started: unable to start container process: exec: "/nothere": stat /nothere: no such file or directory',
      patienceMs: 0,
    });
  });
});

test('a configuration that a container cannot have is told with the words of Kubernetes', () => {
  expect(ofPod(waiting('CreateContainerConfigError', 'secret "store-credentials" not found'))).toMatchObject({
    code: 'cluster_rejected',
    message: 'mysql cannot be set up: secret "store-credentials" not found',
  });
});

describe('a pod without a node', () => {
  const unplaced = (message: string) =>
    ofPod(
      object('mysql-1', {
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
      }),
    );

  test.each([
    [
      '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.',
      'unschedulable',
      'No node has enough cpu and memory left for the pod: 0/1 nodes',
    ],
    [
      '0/3 nodes are available: 1 Too many pods, 2 node(s) were unschedulable.',
      'unschedulable',
      'No node may hold another pod',
    ],
    [
      '0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }. preemption: 0/1 nodes are available',
      'unschedulable',
      'No node takes the pod',
    ],
    [
      '0/1 nodes are available: 1 pod has unbound immediate PersistentVolumeClaims.',
      'volume_pending',
      'The pod waits for its volume',
    ],
    [
      "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind.",
      'volume_pending',
      'The pod waits for its volume',
    ],
    [
      '0/1 nodes are available: 1 persistentvolumeclaim "nothere" not found.',
      'volume_pending',
      '"nothere" not found',
    ],
  ])('may still find one: %s', (message, code, sentence) => {
    const found = unplaced(message);
    expect(found).toMatchObject({ code, patienceMs: endless });
    expect(found?.message).toContain(sentence);
  });

  test('or that its node put out', () => {
    const status = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' };
    expect(ofPod(object('mysql-1', status))?.message).toBe(
      'The node put the pod out (Evicted): The node was low on resource: memory.',
    );
  });
});

test('a refused pod shows on its replica set', () => {
  const message = 'pods "mysql-1" is forbidden: exceeded quota: store-quota';
  const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }];
  const replicaSet = object('mysql-rs', { conditions });
  expect(diagnose({ pods: [], replicaSets: [replicaSet] })?.code).toBe('quota_exceeded');
});

describe('a claim without a volume', () => {
  test.each([
    [
      'FailedBinding',
      'no persistent volumes available for this claim and no storage class is set',
      'the cluster has no default storage class',
      0,
    ],
    [
      'ProvisioningFailed',
      'storageclass.storage.k8s.io "fast" not found',
      'asks for the storage class fast, which does not exist',
      0,
    ],
    [
      'ExternalProvisioning',
      'waiting for a volume to be created, either by external provisioner "example.com/nobody" or manually created by system administrator',
      'waits for example.com/nobody to make its volume',
      120_000,
    ],
    [
      'ExternalProvisioning',
      "Waiting for a volume to be created either by the external provisioner 'rancher.io/local-path' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
      'waits for rancher.io/local-path to make its volume',
      120_000,
    ],
    [
      'ProvisioningFailed',
      'failed to provision volume with StorageClass "standard": rpc error: code = ResourceExhausted desc = quota',
      'is not made: failed to provision volume with StorageClass "standard": quota',
      endless,
    ],
  ])('by %s: "%s"', (reason, message, sentence, patienceMs) => {
    const found = ofClaim([reason, message]);
    expect(found).toMatchObject({ code: 'volume_pending', patienceMs });
    expect(found?.message).toMatch(/^The (claim|volume of the claim) mysql-data /);
    expect(found?.message).toContain(sentence);
  });

  test('that waits for its first pod, or whose events say nothing yet, is no trouble', () => {
    expect(ofClaim()).toBeUndefined();
    expect(
      ofClaim(['WaitForFirstConsumer', 'waiting for first consumer to be created before binding']),
    ).toBeUndefined();
  });

  test('explains why its pod has no node', () => {
    const pod = object('mysql-1', {
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: 'pod has unbound immediate PersistentVolumeClaims.',
        },
      ],
    });
    const claim = object('mysql-data', { phase: 'Pending' });
    const events = [eventOn(claim, 'ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found')];
    expect(diagnose({ pods: [pod], replicaSets: [], claims: [claim], events })?.message).toContain(
      'storage class fast',
    );
  });

  test('that lost its volume never gets it back', () => {
    const lost = object('mysql-data', { phase: 'Lost' });
    expect(diagnose({ pods: [], replicaSets: [], claims: [lost] })).toMatchObject({
      code: 'volume_pending',
      patienceMs: 0,
    });
  });
});

describe('what only events say of a pod', () => {
  const standing = waiting('ContainerCreating');

  test.each([
    [
      'FailedMount',
      'MountVolume.SetUp failed for volume "d" : configmap "nothere" not found',
      'volume_pending',
      'A volume of the pod cannot be mounted: MountVolume',
    ],
    [
      'FailedAttachVolume',
      'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node',
      'volume_pending',
      'Multi-Attach error',
    ],
    [
      'FailedCreatePodSandBox',
      'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "x": plugin type="bridge" failed (add)',
      'cluster_rejected',
      'The node cannot set up the pod: Failed to create pod sandbox: failed to setup network',
    ],
    [
      'FailedCreatePodSandBox',
      'Failed to create pod sandbox: runc create failed: container init was OOM-killed (memory limit too low?)',
      'out_of_memory',
      'too little memory',
    ],
  ])('%s: "%s"', (reason, message, code, sentence) => {
    const found = ofPod(standing, eventOn(standing, reason, message));
    expect(found?.code).toBe(code);
    expect(found?.message).toContain(sentence);
  });

  test.each([
    [
      'Startup probe failed: Get "http://10.88.0.14:80/wp-login.php": dial tcp 10.88.0.14:80: connect: connection refused',
      'mysql runs, but does not answer its startup probe: Get "http://10.88.0.14',
    ],
    ['Readiness probe failed: no\n', 'mysql runs, but does not answer its readiness probe: no'],
    [
      'Readiness probe failed: HTTP probe failed with statuscode: 500',
      'HTTP probe failed with statuscode: 500',
    ],
    [
      'Liveness probe errored: rpc error: code = DeadlineExceeded desc = context deadline exceeded',
      'its liveness probe: context deadline exceeded',
    ],
    ['Startup probe failed:', 'does not answer its startup probe: no answer'],
  ])('a probe of a container that runs: "%s"', (message, sentence) => {
    const running = podWith({ state: { running: {} }, ready: false });
    const unhealthy = eventOn(running, 'Unhealthy', message, {
      involvedObject: { kind: 'Pod', uid: running.metadata.uid, fieldPath: 'spec.containers{mysql}' },
    });
    const found = ofPod(running, unhealthy);
    expect(found).toMatchObject({ code: 'probe_failing', patienceMs: endless });
    expect(found?.message).toContain(sentence);
  });

  test('a ConfigMap that the kubelet has not heard of yet is no trouble', () => {
    const words =
      'MountVolume.SetUp failed for volume "recipe" : failed to sync configmap cache: timed out waiting for the condition';
    expect(ofPod(standing, eventOn(standing, 'FailedMount', words))).toBeUndefined();
  });

  test('a probe that is not answered while its container starts is no trouble', () => {
    const since = (startedAt: string) => {
      const pod = podWith({ state: { running: { startedAt } }, ready: false });
      return ofPod(pod, eventOn(pod, 'Unhealthy', 'Startup probe failed: no'))?.code;
    };
    expect(since('2026-11-25T07:57:36Z')).toBeUndefined();
    expect(since('2026-11-25T07:57:34Z')).toBe('probe_failing');
  });

  test('what is fetched for it is told with how far it is, unless that is an image, as in every healthy start', () => {
    const pulling = eventOn(standing, 'Pulling', 'WooCommerce 9.1.2 is being fetched: 12 of 31 MB');
    expect(ofPod(standing, pulling)).toMatchObject({
      code: 'preparation_failed',
      message: 'WooCommerce 9.1.2 is being fetched: 12 of 31 MB',
      hint: 'It goes on by itself.',
      patienceMs: endless,
    });
    expect(ofPod(standing, eventOn(standing, 'Pulling', 'Pulling image "mysql:8.0"'))).toBeUndefined();
    const running = podWith({ state: { running: {} } });
    expect(ofPod(running, eventOn(running, 'Pulling', 'of before'))).toBeUndefined();
  });

  test('the newest counts, and nothing of what was before the container ran, or of other pods', () => {
    const old = eventOn(standing, 'FailedMount', 'of before', { lastTimestamp: '2026-11-25T07:00:00Z' });
    const late = eventOn(standing, 'FailedMount', 'of now', {
      lastTimestamp: null,
      eventTime: '2026-11-25T07:59:00.000001Z',
    });
    expect(ofPod(standing, old, late)?.message).toContain('of now');
    expect(ofPod(standing, eventOn(object('other', {}), 'FailedMount', 'elsewhere'))).toBeUndefined();
    const running = podWith({ state: { running: {} } });
    expect(ofPod(running, eventOn(running, 'FailedMount', 'of before'))).toBeUndefined();
  });
});

test('a pod on its way out says nothing about the one that comes', () => {
  const status = {
    containerStatuses: [{ name: 'mysql', state: { waiting: { reason: 'InvalidImageName' } } }],
  };
  expect(ofPod(object('mysql-1', status, { deletionTimestamp: '2026-11-24T00:00:00Z' }))).toBeUndefined();
});
