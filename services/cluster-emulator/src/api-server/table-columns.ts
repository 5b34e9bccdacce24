import { at, numberAt, objectsAt, stringAt, stringsAt, type JsonObject } from '../objects/json.ts';
import type { KubeObject } from '../objects/object-store.ts';
import { ageOf } from './age.ts';

export interface Column {
  readonly title: string;
  readonly cell: (object: KubeObject) => string | number;
  /** Only with `-o wide`. */
  readonly isWide?: boolean;
}

const column = (title: string, cell: Column['cell']): Column => ({ title, cell });
const wide = (title: string, cell: Column['cell']): Column => ({ title, cell, isWide: true });

const text =
  (...path: string[]) =>
  (object: KubeObject) =>
    stringAt(object, ...path) ?? '<none>';

const count =
  (...path: string[]) =>
  (object: KubeObject) =>
    numberAt(object, ...path) ?? 0;

export const name = column('Name', ({ metadata }) => metadata.name);
const age = column('Age', ({ metadata }) => ageOf(metadata.creationTimestamp));

/** What `kubectl get` shows of each kind between NAME and AGE, or, for those that are told whole, altogether. */
export const columnsOf = (plural: string): readonly Column[] =>
  whole[plural] ?? [name, ...(own[plural] ?? []), age, ...(afterAge[plural] ?? [])];

const own: Readonly<Record<string, readonly Column[]>> = {
  namespaces: [column('Status', text('status', 'phase'))],
  nodes: [
    column('Status', () => 'Ready'),
    column('Roles', () => '<none>'),
    column('Version', text('status', 'nodeInfo', 'kubeletVersion')),
  ],
  pods: [
    column(
      'Ready',
      (pod) => `${statusesOf(pod).filter(isReady).length}/${objectsAt(pod, 'spec', 'containers').length}`,
    ),
    column('Status', (pod) => podStatus(pod)),
    column('Restarts', (pod) =>
      statusesOf(pod).reduce((sum, status) => sum + (numberAt(status, 'restartCount') ?? 0), 0),
    ),
  ],
  deployments: [
    column(
      'Ready',
      (object) => `${count('status', 'readyReplicas')(object)}/${count('spec', 'replicas')(object)}`,
    ),
    column('Up-to-date', count('status', 'updatedReplicas')),
    column('Available', count('status', 'availableReplicas')),
  ],
  replicasets: [
    column('Desired', count('spec', 'replicas')),
    column('Current', count('status', 'replicas')),
    column('Ready', count('status', 'readyReplicas')),
  ],
  services: [
    column('Type', text('spec', 'type')),
    column('Cluster-IP', text('spec', 'clusterIP')),
    column('External-IP', () => '<none>'),
    column('Port(s)', (object) =>
      objectsAt(object, 'spec', 'ports')
        .map((entry) => `${numberAt(entry, 'port') ?? ''}/${stringAt(entry, 'protocol') ?? 'TCP'}`)
        .join(','),
    ),
  ],
  endpoints: [column('Endpoints', (object) => addressesOf(object))],
  persistentvolumeclaims: [
    column('Status', text('status', 'phase')),
    column('Volume', (object) => stringAt(object, 'spec', 'volumeName') ?? ''),
    column('Capacity', (object) => stringAt(object, 'status', 'capacity', 'storage') ?? ''),
    column('Access Modes', (object) => (at(object, 'status', 'accessModes') ? 'RWO' : '')),
    column('StorageClass', text('spec', 'storageClassName')),
  ],
  ingresses: [
    column('Class', text('spec', 'ingressClassName')),
    column('Hosts', (object) =>
      objectsAt(object, 'spec', 'rules')
        .map((rule) => stringAt(rule, 'host') ?? '*')
        .join(','),
    ),
    column('Address', (object) =>
      objectsAt(object, 'status', 'loadBalancer', 'ingress')
        .map((entry) => stringAt(entry, 'ip') ?? '')
        .join(','),
    ),
    column('Ports', () => '80'),
  ],
  secrets: [
    column('Type', text('type')),
    column('Data', (object) => Object.keys(stringsAt(object, 'data')).length),
  ],
  configmaps: [column('Data', (object) => Object.keys(stringsAt(object, 'data')).length)],
  networkpolicies: [
    column('Pod-Selector', (object) => pairsAt(object, 'spec', 'podSelector', 'matchLabels')),
  ],
  storageclasses: [
    column('Provisioner', text('provisioner')),
    column('VolumeBindingMode', text('volumeBindingMode')),
  ],
  ingressclasses: [column('Controller', text('spec', 'controller'))],
};

const afterAge: Readonly<Record<string, readonly Column[]>> = {
  pods: [wide('IP', text('status', 'podIP')), wide('Node', text('spec', 'nodeName'))],
  deployments: [
    wide('Containers', (object) => containersOf(object, 'name')),
    wide('Images', (object) => containersOf(object, 'image')),
    wide('Selector', (object) => pairsAt(object, 'spec', 'selector', 'matchLabels')),
  ],
  replicasets: [
    wide('Containers', (object) => containersOf(object, 'name')),
    wide('Images', (object) => containersOf(object, 'image')),
    wide('Selector', (object) => pairsAt(object, 'spec', 'selector', 'matchLabels')),
  ],
  services: [wide('Selector', (object) => pairsAt(object, 'spec', 'selector'))],
  persistentvolumeclaims: [wide('VolumeMode', text('spec', 'volumeMode'))],
  resourcequotas: [
    column('Request', (object) => usage(object, (what) => !what.startsWith('limits.'))),
    column('Limit', (object) => usage(object, (what) => what.startsWith('limits.'))),
  ],
};

const whole: Readonly<Record<string, readonly Column[]>> = {
  events: [
    column('Last Seen', (object) =>
      ageOf(stringAt(object, 'lastTimestamp') ?? object.metadata.creationTimestamp),
    ),
    column('Type', text('type')),
    column('Reason', text('reason')),
    column(
      'Object',
      ({ involvedObject }) =>
        `${(stringAt(involvedObject, 'kind') ?? '').toLowerCase()}/${stringAt(involvedObject, 'name') ?? ''}`,
    ),
    wide('Source', text('source', 'component')),
    column('Message', text('message')),
    wide('Count', count('count')),
    wide('Name', ({ metadata }) => metadata.name),
  ],
};

const statusesOf = (pod: KubeObject): JsonObject[] => objectsAt(pod, 'status', 'containerStatuses');
const isReady = ({ ready }: JsonObject) => ready === true;

const podStatus = (pod: KubeObject): string => {
  if (pod.metadata.deletionTimestamp) return 'Terminating';
  const waiting = statusesOf(pod)
    .map((status) => stringAt(status, 'state', 'waiting', 'reason'))
    .find(Boolean);
  return waiting ?? stringAt(pod, 'status', 'phase') ?? 'Pending';
};

const pairsAt = (object: KubeObject, ...path: string[]): string =>
  Object.entries(stringsAt(object, ...path))
    .map(([key, value]) => `${key}=${value}`)
    .join(',') || '<none>';

const containersOf = (object: KubeObject, field: 'name' | 'image'): string =>
  objectsAt(object, 'spec', 'template', 'spec', 'containers')
    .map((container) => stringAt(container, field) ?? '')
    .join(',');

const addressesOf = (object: KubeObject): string =>
  objectsAt(object, 'subsets')
    .flatMap((subset) =>
      objectsAt(subset, 'addresses').flatMap(({ ip }) =>
        objectsAt(subset, 'ports').map(({ port }) => `${String(ip)}:${String(port)}`),
      ),
    )
    .join(',') || '<none>';

const usage = (quota: KubeObject, fits: (what: string) => boolean): string =>
  Object.entries(stringsAt(quota, 'status', 'hard'))
    .filter(([what]) => fits(what))
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([what, hard]) => `${what}: ${stringAt(quota, 'status', 'used', what) ?? '0'}/${hard}`)
    .join(', ');
