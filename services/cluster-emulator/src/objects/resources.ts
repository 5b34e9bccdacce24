import type { Resource } from './object-store.ts';

const resource = (
  group: string,
  version: string,
  kind: string,
  plural: string,
  shortNames: readonly string[] = [],
  namespaced = true,
): KnownResource => ({ group, version, kind, plural, namespaced, shortNames });

export interface KnownResource extends Resource {
  readonly shortNames: readonly string[];
}

export const namespaces = resource('', 'v1', 'Namespace', 'namespaces', ['ns'], false);
export const nodes = resource('', 'v1', 'Node', 'nodes', ['no'], false);
export const pods = resource('', 'v1', 'Pod', 'pods', ['po']);
export const services = resource('', 'v1', 'Service', 'services', ['svc']);
export const endpoints = resource('', 'v1', 'Endpoints', 'endpoints', ['ep']);
export const secrets = resource('', 'v1', 'Secret', 'secrets');
export const configMaps = resource('', 'v1', 'ConfigMap', 'configmaps', ['cm']);
export const persistentVolumeClaims = resource('', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', [
  'pvc',
]);
export const resourceQuotas = resource('', 'v1', 'ResourceQuota', 'resourcequotas', ['quota']);
export const limitRanges = resource('', 'v1', 'LimitRange', 'limitranges', ['limits']);
export const events = resource('', 'v1', 'Event', 'events', ['ev']);
const serviceAccounts = resource('', 'v1', 'ServiceAccount', 'serviceaccounts', ['sa']);
export const deployments = resource('apps', 'v1', 'Deployment', 'deployments', ['deploy']);
export const replicaSets = resource('apps', 'v1', 'ReplicaSet', 'replicasets', ['rs']);
export const endpointSlices = resource('discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices');
export const ingresses = resource('networking.k8s.io', 'v1', 'Ingress', 'ingresses', ['ing']);
const networkPolicies = resource('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies', ['netpol']);
export const ingressClasses = resource(
  'networking.k8s.io',
  'v1',
  'IngressClass',
  'ingressclasses',
  [],
  false,
);
export const storageClasses = resource(
  'storage.k8s.io',
  'v1',
  'StorageClass',
  'storageclasses',
  ['sc'],
  false,
);

/** All kinds that this cluster knows. */
export const knownResources: readonly KnownResource[] = [
  namespaces,
  nodes,
  pods,
  services,
  endpoints,
  secrets,
  configMaps,
  persistentVolumeClaims,
  resourceQuotas,
  limitRanges,
  events,
  serviceAccounts,
  deployments,
  replicaSets,
  endpointSlices,
  ingresses,
  networkPolicies,
  ingressClasses,
  storageClasses,
];

/** @returns the kind with this plural; undefined when the cluster doesn't know it. */
export const findResource = (group: string, plural: string): KnownResource | undefined =>
  knownResources.find((known) => known.group === group && known.plural === plural);

export const apiVersionOf = ({ group, version }: Resource): string =>
  group ? `${group}/${version}` : version;
