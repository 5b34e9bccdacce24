import { KubeStatusError } from '../objects/kube-status-error.ts';
import { findResource, namespaces, type KnownResource } from '../objects/resources.ts';

/** What a request is about. */
export interface Target {
  readonly resource: KnownResource;
  readonly namespace: string | undefined;
  /** Undefined for the whole collection. */
  readonly name: string | undefined;
  /** `status`, `log`, `exec`, `finalize`, … */
  readonly subresource: string | undefined;
}

/** @throws KubeStatusError 404 for a path that is none of Kubernetes', or a kind that this cluster doesn't know */
export const targetOf = (path: string): Target => {
  const [, group = '', rest = ''] = /^\/(?:api|apis\/([^/]+))\/v1\/(.+)$/.exec(path) ?? [];
  const steps = rest.split('/').map(decodeURIComponent);
  const target = steps[0] === 'namespaces' ? inNamespaces(group, steps) : inCluster(group, steps);
  if (!target) throw new KubeStatusError(404, 'NotFound', 'the server could not find the requested resource');
  return target;
};

const inNamespaces = (
  group: string,
  [, namespace, plural, name, subresource]: readonly string[],
): Target | undefined => {
  if (!namespace)
    return { resource: namespaces, namespace: undefined, name: undefined, subresource: undefined };
  if (!plural || plural === 'status' || plural === 'finalize') {
    return { resource: namespaces, namespace: undefined, name: namespace, subresource: plural };
  }
  const resource = findResource(group, plural);
  return resource?.namespaced ? { resource, namespace, name, subresource } : undefined;
};

const inCluster = (
  group: string,
  [plural = '', name, subresource]: readonly string[],
): Target | undefined => {
  const resource = findResource(group, plural);
  return resource && { resource, namespace: undefined, name, subresource };
};
