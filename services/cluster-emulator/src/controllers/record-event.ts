import { randomBytes } from 'node:crypto';
import { stringAt } from '../objects/json.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import { events } from '../objects/resources.ts';

export interface EventContent {
  readonly type?: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The part of the object that it is about, e.g. `spec.containers{mysql}`. */
  readonly fieldPath?: string | undefined;
}

/** What `kubectl describe` shows at its end. Never fails: a namespace that is going keeps no new ones. */
export const recordEvent = (
  store: ObjectStore,
  about: KubeObject,
  { type = 'Normal', reason, message, fieldPath }: EventContent,
): void => {
  const { namespace = '', name, uid } = about.metadata;
  const time = new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
  const same = store
    .list(events, namespace)
    .find(
      (event) =>
        event['reason'] === reason &&
        event['message'] === message &&
        stringAt(event, 'involvedObject', 'uid') === uid &&
        stringAt(event, 'involvedObject', 'fieldPath') === fieldPath,
    );
  if (same) {
    store.update(events, namespace, same.metadata.name, (event) => {
      event['count'] = Number(event['count'] ?? 1) + 1;
      event['lastTimestamp'] = time;
    });
    return;
  }
  store.create(events, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${name}.${randomBytes(8).toString('hex')}`,
      namespace,
      uid: '',
      resourceVersion: '',
      creationTimestamp: '',
    },
    involvedObject: {
      kind: about.kind,
      namespace,
      name,
      uid,
      apiVersion: about.apiVersion,
      ...(fieldPath && { fieldPath }),
    },
    type,
    reason,
    message,
    source: { component: 'cluster-emulator' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  });
};
