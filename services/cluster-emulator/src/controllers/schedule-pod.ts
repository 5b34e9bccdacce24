import { podTotal } from '../admission/quota.ts';
import { quantity } from '../admission/quantities.ts';
import { isJsonObject, objectsAt, stringAt, stringsAt } from '../objects/json.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { nodes, persistentVolumeClaims, pods, storageClasses } from '../objects/resources.ts';
import { recordEvent } from './record-event.ts';

const nodeName = 'emulated-node';

/**
 * Gives a pod its node, and its claims their volumes: late, as most clusters do it.
 * @returns why no node takes the pod, in the scheduler's words; undefined when it has one
 */
export const schedulePod = (store: ObjectStore, pod: KubeObject): string | undefined => {
  if (stringAt(pod, 'spec', 'nodeName')) return undefined;
  const hindrance = hindranceOf(store, pod);
  if (hindrance) {
    const message = `0/1 nodes are available: 1 ${hindrance}.`;
    recordEvent(store, pod, { type: 'Warning', reason: 'FailedScheduling', message });
    return message;
  }
  const { namespace, name } = pod.metadata;
  for (const claim of claimNamesOf(pod)) bind(store, namespace, claim);
  store.update(pods, namespace, name, (object) => {
    if (isJsonObject(object['spec'])) object['spec']['nodeName'] = nodeName;
  });
  const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
  recordEvent(store, pod, { reason: 'Scheduled', message });
  return undefined;
};

const hindranceOf = (store: ObjectStore, pod: KubeObject): string | undefined => {
  for (const name of claimNamesOf(pod)) {
    const claim = store.get(persistentVolumeClaims, pod.metadata.namespace, name);
    if (!claim) return `persistentvolumeclaim "${name}" not found`;
    if (stringAt(claim, 'status', 'phase') !== 'Bound' && !classOf(store, claim))
      return 'pod has unbound immediate PersistentVolumeClaims';
  }
  const room = stringsAt(store.list(nodes)[0], 'status', 'allocatable');
  // What others use is not counted: nothing is really used, so there is room for every store.
  const lacking = ['cpu', 'memory'].find(
    (what) => podTotal(pod, 'requests', what) > (room[what] === undefined ? Infinity : quantity(room[what])),
  );
  return lacking && `Insufficient ${lacking}`;
};

const claimNamesOf = (pod: KubeObject): string[] =>
  objectsAt(pod, 'spec', 'volumes').flatMap(
    (volume) => stringAt(volume, 'persistentVolumeClaim', 'claimName') ?? [],
  );

const classOf = (store: ObjectStore, claim: KubeObject): KubeObject | undefined =>
  store.get(storageClasses, undefined, stringAt(claim, 'spec', 'storageClassName') ?? '');

const bind = (store: ObjectStore, namespace: string | undefined, name: string): void => {
  store.update(persistentVolumeClaims, namespace, name, (claim) => {
    if (isJsonObject(claim['spec'])) claim['spec']['volumeName'] ??= `pvc-${claim.metadata.uid}`;
    const capacity = stringsAt(claim, 'spec', 'resources', 'requests');
    claim['status'] = { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity };
  });
};

/** What Kubernetes says of a claim that has no volume yet. */
export const tellOfClaim = (store: ObjectStore, claim: KubeObject): void => {
  const wanted = stringAt(claim, 'spec', 'storageClassName');
  if (!wanted) {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    recordEvent(store, claim, { reason: 'FailedBinding', message });
  } else if (!classOf(store, claim)) {
    const message = `storageclass.storage.k8s.io "${wanted}" not found`;
    recordEvent(store, claim, { type: 'Warning', reason: 'ProvisioningFailed', message });
  } else {
    const message = 'waiting for first consumer to be created before binding';
    recordEvent(store, claim, { reason: 'WaitForFirstConsumer', message });
  }
};
