import type { JsonObject } from '../objects/json.ts';
import { knownResources, type KnownResource } from '../objects/resources.ts';

/**
 * As much of Kubernetes' OpenAPI documents as `kubectl apply` asks for: that the server itself checks what it gets
 * (`fieldValidation`) and knows `dryRun`. Without them kubectl would check by schemas, which this cluster doesn't have.
 */
export const openApi = (path: string): JsonObject | undefined => {
  if (path === '/openapi/v3')
    return { paths: Object.fromEntries(groups.map((group) => [group, linkTo(group)])) };
  const group = path.replace(/^\/openapi\/v3\//, '');
  return groups.includes(group) ? documentOf(group) : undefined;
};

const groupOf = ({ group, version }: KnownResource) =>
  group ? `apis/${group}/${version}` : `api/${version}`;
const groups = [...new Set(knownResources.map(groupOf))];
const linkTo = (group: string) => ({ serverRelativeURL: `/openapi/v3/${group}` });

const documentOf = (group: string): JsonObject => {
  const resources = knownResources.filter((resource) => groupOf(resource) === group);
  return {
    openapi: '3.0.0',
    info: { title: 'An emulated cluster', version: 'v1' },
    paths: Object.fromEntries(resources.map((resource) => [pathOf(resource), operations(resource)])),
    components: {
      schemas: Object.fromEntries(resources.map((resource) => [resource.kind, schemaOf(resource)])),
    },
  };
};

/** What `kubectl explain` shows. */
const schemaOf = ({ group, version, kind }: KnownResource): JsonObject => ({
  type: 'object',
  description: 'This cluster is emulated, and keeps no description of the fields.',
  'x-kubernetes-group-version-kind': [{ group, version, kind }],
});

const pathOf = (resource: KnownResource) =>
  `/${groupOf(resource)}${resource.namespaced ? '/namespaces/{namespace}' : ''}/${resource.plural}/{name}`;

const operations = ({ group, version, kind }: KnownResource): JsonObject => ({
  patch: {
    parameters: ['dryRun', 'fieldValidation'].map((name) => ({
      name,
      in: 'query',
      schema: { type: 'string' },
    })),
    responses: {},
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group, version, kind },
  },
});
