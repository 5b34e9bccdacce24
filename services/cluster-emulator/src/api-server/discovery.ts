import type { JsonObject } from '../objects/json.ts';
import { knownResources, type KnownResource } from '../objects/resources.ts';
import { openApi } from './openapi.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const groupNames = [...new Set(knownResources.map(({ group }) => group))].filter(Boolean);

/** What clients ask to learn the API; undefined for any other path. */
export const discover = (path: string): JsonObject | undefined => {
  if (path === '/version')
    return { major: '1', minor: '31', gitVersion: 'v1.31.0-emulated', platform: 'node' };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames.map(groupOf) };
  if (path === '/api/v1') return resourceList('v1', '');
  if (path.startsWith('/openapi/v3')) return openApi(path);
  const [, group] = /^\/apis\/([^/]+)\/v1$/.exec(path) ?? [];
  return group && groupNames.includes(group) ? resourceList(`${group}/v1`, group) : undefined;
};

const groupOf = (name: string): JsonObject => {
  const version = { groupVersion: `${name}/v1`, version: 'v1' };
  return { name, versions: [version], preferredVersion: version };
};

const resourceList = (groupVersion: string, group: string): JsonObject => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion,
  resources: knownResources.filter((known) => known.group === group).flatMap(describe),
});

const describe = ({ plural, kind, namespaced, shortNames }: KnownResource): JsonObject[] => [
  {
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    verbs,
    shortNames,
    ...(shownByAll.has(plural) && { categories: ['all'] }),
  },
  ...(subresources[plural] ?? []).map((subresource) => ({ singularName: '', namespaced, ...subresource })),
];

/** What `kubectl get all` shows. */
const shownByAll = new Set(['pods', 'services', 'deployments', 'replicasets']);

const scaleOf = (plural: string) => ({
  name: `${plural}/scale`,
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  verbs: ['get', 'patch', 'update'],
});

const subresources: Readonly<Record<string, readonly JsonObject[]>> = {
  pods: [
    { name: 'pods/log', kind: 'Pod', verbs: ['get'] },
    { name: 'pods/exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
  ],
  deployments: [scaleOf('deployments')],
  replicasets: [scaleOf('replicasets')],
};
