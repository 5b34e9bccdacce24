import type { JsonObject } from '../objects/json.ts';
import { apiVersionOf, knownResources, type KnownResource } from '../objects/resources.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const groupNames = [...new Set(knownResources.map(({ group }) => group))].filter(Boolean);

/** What clients ask to learn the API; undefined for any other path. */
export const discover = (path: string): JsonObject | undefined => {
  if (path === '/version')
    return { major: '1', minor: '31', gitVersion: 'v1.31.0-emulated', platform: 'node' };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames.map(groupOf) };
  if (path === '/api/v1') return resourceList('v1', '');
  if (path === '/openapi/v3') return { paths: {} };
  if (path === '/openapi/v2') return { swagger: '2.0', info: { title: 'emulated', version: '1' }, paths: {} };
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

const describe = (resource: KnownResource): JsonObject[] => {
  const { plural, kind, namespaced, shortNames } = resource;
  const main = { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs, shortNames };
  if (apiVersionOf(resource) !== 'v1' || plural !== 'pods') return [main];
  return [
    { ...main, categories: ['all'] },
    { name: 'pods/log', singularName: '', namespaced: true, kind: 'Pod', verbs: ['get'] },
    {
      name: 'pods/exec',
      singularName: '',
      namespaced: true,
      kind: 'PodExecOptions',
      verbs: ['create', 'get'],
    },
  ];
};
