import { z } from 'zod';
import { Finding, type NewFinding } from '../contract/finding.ts';
import { KubeStatusError } from './kube-error.ts';
import type { KubeHttp } from './kube-http.ts';
import { parseKubeList, type KubeObject } from './kube-object.ts';
import { nameOf, workerPermissions, type Permission } from './permissions.ts';

export interface Preflight {
  /**
   * Looks at all that a store will need of the cluster.
   * @returns what it lacks; nothing when all is there
   * @throws what the cluster answers when it doesn't answer that
   */
  look(ingressClass: string): Promise<NewFinding[]>;
}

/** A worker's start waits for it, and the next look comes within a minute: it asks once, and not for long. */
const patience = { timeoutMs: 2000, repeatable: false };

/** Four calls a look; verbs that the list of rules doesn't show are asked for one by one, until they are granted. */
export const createPreflight = (http: Pick<KubeHttp, 'call'>): Preflight => {
  const granted = new Set<string>();

  const isGranted = async (permission: Permission): Promise<boolean> => {
    const [resource, subresource] = permission.resource.split('/');
    const { verb, group } = permission;
    const answer = await ask(http, 'selfsubjectaccessreviews', {
      resourceAttributes: { verb, group, resource, ...(subresource && { subresource }) },
    });
    return AccessReview.parse(answer).status.allowed;
  };

  const missingPermissions = async (): Promise<Permission[]> => {
    const rules = await readRules(http);
    const unsure = workerPermissions.filter(
      (permission) => !granted.has(nameOf(permission)) && !rules.some((rule) => allows(rule, permission)),
    );
    const answers = await Promise.all(
      unsure.map(async (permission) => ({ permission, isAllowed: await isGranted(permission) })),
    );
    for (const { permission, isAllowed } of answers) if (isAllowed) granted.add(nameOf(permission));
    return answers.filter(({ isAllowed }) => !isAllowed).map(({ permission }) => permission);
  };

  return {
    look: async (ingressClass) => {
      const missing = await missingPermissions();
      const [storage, ingress, system] = await Promise.all([
        get(http, '/apis/storage.k8s.io/v1/storageclasses', (answer) => parseKubeList(answer).items),
        get(http, '/apis/networking.k8s.io/v1/ingressclasses', (answer) => parseKubeList(answer).items),
        get(http, '/api/v1/namespaces/kube-system', (answer) => Annotations.parse(answer)),
      ]);
      return [
        ...(missing.length > 0 ? [missingFinding(missing)] : []),
        ...(storage ? storageFinding(storage) : []),
        ...(ingress ? ingressFinding(ingress, ingressClass) : []),
        ...(system ? toldFinding(system) : []),
      ];
    },
  };
};

const AccessReview = z.object({ status: z.object({ allowed: z.boolean() }) });
const Strings = z.array(z.string()).nullish();
const Rule = z.object({
  verbs: z.array(z.string()),
  apiGroups: Strings,
  resources: Strings,
  resourceNames: Strings,
});
type Rule = z.infer<typeof Rule>;
const RulesReview = z.object({ status: z.object({ resourceRules: z.array(Rule).default([]) }) });

const ask = (http: Pick<KubeHttp, 'call'>, review: string, spec: object): Promise<unknown> =>
  http.call({
    method: 'POST',
    path: `/apis/authorization.k8s.io/v1/${review}`,
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: review === 'selfsubjectrulesreviews' ? 'SelfSubjectRulesReview' : 'SelfSubjectAccessReview',
      spec,
    },
    ...patience,
  });

/** No store has this namespace, so what is allowed in it is allowed in all of them. */
const anyNamespace = 'store-preflight';

const readRules = async (http: Pick<KubeHttp, 'call'>): Promise<Rule[]> => {
  try {
    const answer = await ask(http, 'selfsubjectrulesreviews', { namespace: anyNamespace });
    return RulesReview.parse(answer).status.resourceRules;
  } catch (error) {
    // Not every cluster has it; then each verb is asked for.
    if (error instanceof KubeStatusError) return [];
    throw error;
  }
};

const allows = (
  { verbs, apiGroups, resources, resourceNames }: Rule,
  { verb, group, resource }: Permission,
) =>
  !resourceNames?.length &&
  has(verbs, verb) &&
  has(apiGroups, group) &&
  (has(resources, resource) || has(resources, resource.replace(/^[^/]+\//, '*/')));

const has = (list: readonly string[] | null | undefined, what: string): boolean =>
  list?.some((each) => each === what || each === '*') ?? false;

/** @returns undefined where the platform may not look: the missing permission is a finding of its own. */
const get = async <T>(
  http: Pick<KubeHttp, 'call'>,
  path: string,
  parse: (answer: unknown) => T,
): Promise<T | undefined> => {
  try {
    return parse(await http.call({ method: 'GET', path, ...patience }));
  } catch (error) {
    if (error instanceof KubeStatusError && error.status === 403) return undefined;
    throw error;
  }
};

const missingFinding = (missing: readonly Permission[]): NewFinding => ({
  code: 'missing_permissions',
  message: `The platform's role in the cluster lacks: ${missing.map(nameOf).join(', ')}.`,
  hint: 'Give it the ClusterRole of docs/operations.md.',
});

const Annotations = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
});
/** The second one is of old, and still counts. */
const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

const storageFinding = (classes: readonly KubeObject[]): NewFinding[] => {
  const isDefault = (each: KubeObject) => {
    const { annotations } = Annotations.parse(each).metadata;
    return defaultAnnotations.some((name) => annotations[name] === 'true');
  };
  if (classes.some(isDefault)) return [];
  const [first] = classes;
  return [
    {
      code: 'no_default_storage_class',
      message: `The cluster has no default storage class, so no store gets volumes (there is ${namesOf(classes)}).`,
      hint: first
        ? `Mark one: kubectl annotate storageclass ${first.metadata.name} ${defaultAnnotations[0]}=true`
        : 'Install a provisioner for volumes, with a storage class that is marked as the default one.',
    },
  ];
};

const ingressFinding = (classes: readonly KubeObject[], wanted: string): NewFinding[] =>
  classes.some(({ metadata }) => metadata.name === wanted)
    ? []
    : [
        {
          code: 'no_ingress_class',
          message: `The cluster has no ingress class "${wanted}", so no shop may be reached (there is ${namesOf(classes)}).`,
          hint: 'Set INGRESS_CLASS to the class of your ingress controller, or install one.',
        },
      ];

const namesOf = (objects: readonly KubeObject[]): string =>
  objects.length > 0 ? objects.map(({ metadata }) => metadata.name).join(', ') : 'none at all';

/** Where a cluster itself says what people should know of its shops: the emulated one does. */
const findingAnnotation = 'store-platform.dev/finding';
const ToldFinding = Finding.omit({ found_at: true });

const toldFinding = (system: z.infer<typeof Annotations>): NewFinding[] => {
  const told = system.metadata.annotations[findingAnnotation];
  if (told === undefined) return [];
  return [ToldFinding.parse(JSON.parse(told))];
};
