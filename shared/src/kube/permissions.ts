/** A verb on a resource, in all namespaces. */
export interface Permission {
  readonly verb: string;
  readonly group: string;
  /** With its subresource, e.g. `pods/log`. */
  readonly resource: string;
}

interface Rule {
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * All that the worker does in a cluster, and nothing that it doesn't; the ClusterRole in `docs/operations.md` says the
 * same. Server-side apply is `patch`, and `create` where the object is not there yet.
 */
export const workerRules: readonly Rule[] = [
  { group: '', resources: ['namespaces'], verbs: ['get', 'list', 'watch', 'create', 'delete'] },
  {
    group: '',
    resources: ['resourcequotas', 'limitranges', 'configmaps', 'services'],
    verbs: ['create', 'patch'],
  },
  { group: '', resources: ['secrets'], verbs: ['create', 'patch'] },
  { group: '', resources: ['persistentvolumeclaims'], verbs: ['list', 'watch', 'create', 'patch'] },
  { group: '', resources: ['pods'], verbs: ['list', 'watch'] },
  { group: '', resources: ['pods/log'], verbs: ['get'] },
  // A WebSocket begins with GET; newer clusters ask for `create` as well.
  { group: '', resources: ['pods/exec'], verbs: ['get', 'create'] },
  { group: '', resources: ['events'], verbs: ['list'] },
  { group: 'apps', resources: ['deployments'], verbs: ['list', 'watch', 'create', 'patch'] },
  { group: 'apps', resources: ['replicasets'], verbs: ['list', 'watch'] },
  { group: 'networking.k8s.io', resources: ['ingresses', 'networkpolicies'], verbs: ['create', 'patch'] },
  { group: 'networking.k8s.io', resources: ['ingressclasses'], verbs: ['list'] },
  { group: 'storage.k8s.io', resources: ['storageclasses'], verbs: ['list'] },
];

export const workerPermissions: readonly Permission[] = workerRules.flatMap(({ group, resources, verbs }) =>
  resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource }))),
);

/** e.g. `create deployments.apps` */
export const nameOf = ({ verb, group, resource }: Permission): string =>
  `${verb} ${resource}${group ? `.${group}` : ''}`;
