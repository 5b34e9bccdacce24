import { at, numberAt, objectsAt, stringAt, stringsAt, type JsonObject } from '../objects/json.ts';
import type { KubeObject } from '../objects/object-store.ts';
import type { KnownResource } from '../objects/resources.ts';

type Column = readonly [title: string, cell: (object: KubeObject) => string | number];

const text =
  (...path: string[]) =>
  (object: KubeObject) =>
    stringAt(object, ...path) ?? '<none>';

/** What `kubectl get` shows of each kind between NAME and AGE. */
const columns: Readonly<Record<string, readonly Column[]>> = {
  namespaces: [['Status', text('status', 'phase')]],
  nodes: [
    ['Status', () => 'Ready'],
    ['Version', text('status', 'nodeInfo', 'kubeletVersion')],
  ],
  pods: [
    [
      'Ready',
      (pod) =>
        `${statuses(pod).filter(({ ready }) => ready === true).length}/${objectsAt(pod, 'spec', 'containers').length}`,
    ],
    ['Status', (pod) => podStatus(pod)],
    [
      'Restarts',
      (pod) => statuses(pod).reduce((sum, status) => sum + (numberAt(status, 'restartCount') ?? 0), 0),
    ],
  ],
  deployments: [
    [
      'Ready',
      (object) =>
        `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 1}`,
    ],
    ['Up-to-date', (object) => numberAt(object, 'status', 'updatedReplicas') ?? 0],
    ['Available', (object) => numberAt(object, 'status', 'availableReplicas') ?? 0],
  ],
  replicasets: [
    ['Desired', (object) => numberAt(object, 'spec', 'replicas') ?? 0],
    ['Current', (object) => numberAt(object, 'status', 'replicas') ?? 0],
    ['Ready', (object) => numberAt(object, 'status', 'readyReplicas') ?? 0],
  ],
  services: [
    ['Type', text('spec', 'type')],
    ['Cluster-IP', text('spec', 'clusterIP')],
    [
      'Port(s)',
      (object) =>
        objectsAt(object, 'spec', 'ports')
          .map((entry) => `${numberAt(entry, 'port') ?? ''}/${stringAt(entry, 'protocol') ?? 'TCP'}`)
          .join(','),
    ],
  ],
  persistentvolumeclaims: [
    ['Status', text('status', 'phase')],
    ['Volume', (object) => stringAt(object, 'spec', 'volumeName') ?? ''],
    ['Capacity', (object) => stringAt(object, 'status', 'capacity', 'storage') ?? ''],
    ['Access Modes', (object) => (at(object, 'spec', 'accessModes') ? 'RWO' : '')],
    ['StorageClass', text('spec', 'storageClassName')],
  ],
  ingresses: [
    ['Class', text('spec', 'ingressClassName')],
    [
      'Hosts',
      (object) =>
        objectsAt(object, 'spec', 'rules')
          .map((rule) => stringAt(rule, 'host') ?? '*')
          .join(','),
    ],
    ['Ports', () => '80'],
  ],
  secrets: [
    ['Type', text('type')],
    ['Data', (object) => Object.keys(stringsAt(object, 'data')).length],
  ],
  configmaps: [['Data', (object) => Object.keys(stringsAt(object, 'data')).length]],
  resourcequotas: [
    ['Used', (object) => pairs(object, 'used')],
    ['Hard', (object) => pairs(object, 'hard')],
  ],
  networkpolicies: [
    [
      'Pod-Selector',
      (object) =>
        Object.entries(stringsAt(object, 'spec', 'podSelector', 'matchLabels'))
          .map(([key, value]) => `${key}=${value}`)
          .join(','),
    ],
  ],
  events: [
    ['Type', text('type')],
    ['Reason', text('reason')],
    [
      'Object',
      (object) =>
        `${(stringAt(object, 'involvedObject', 'kind') ?? '').toLowerCase()}/${stringAt(object, 'involvedObject', 'name') ?? ''}`,
    ],
    ['Message', text('message')],
  ],
  storageclasses: [['Provisioner', text('provisioner')]],
};

const statuses = (pod: KubeObject): JsonObject[] => objectsAt(pod, 'status', 'containerStatuses');

const podStatus = (pod: KubeObject): string => {
  if (pod.metadata.deletionTimestamp) return 'Terminating';
  const waiting = statuses(pod)
    .map((status) => stringAt(status, 'state', 'waiting', 'reason'))
    .find(Boolean);
  return waiting ?? stringAt(pod, 'status', 'phase') ?? 'Pending';
};

const pairs = (object: KubeObject, which: string): string =>
  Object.entries(stringsAt(object, 'status', which))
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');

/** As `kubectl` asks for it: `Accept: application/json;as=Table`. */
export const toTable = (
  { plural }: KnownResource,
  objects: readonly KubeObject[],
  listMeta: JsonObject,
): JsonObject => {
  const own = columns[plural] ?? [];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMeta,
    columnDefinitions: ['Name', ...own.map(([title]) => title), 'Age'].map((name) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: 0,
    })),
    rows: objects.map((object) => ({
      cells: [object.metadata.name, ...own.map(([, cell]) => cell(object)), ageOf(object)],
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
};

const ageOf = ({ metadata }: KubeObject): string => {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(metadata.creationTimestamp)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
};

export const wantsTable = (accept: string | undefined): boolean => /as=Table/.test(accept ?? '');
