import { describe, expect, test } from 'vitest';
import { KubeStatusError } from './kube-error.ts';
import type { KubeCall } from './kube-http.ts';
import { nameOf, workerPermissions, workerRules } from './permissions.ts';
import { createPreflight } from './preflight.ts';

const named = (name: string, annotations: object = {}) => ({
  metadata: { name, uid: name, resourceVersion: '1', annotations },
});
const standard = named('standard', { 'storageclass.kubernetes.io/is-default-class': 'true' });
const ofRule = ({ group, resources, verbs }: (typeof workerRules)[number]) => ({
  apiGroups: [group],
  resources: [...resources],
  verbs: [...verbs],
});

/** A cluster as the test wants it; good unless it is changed. */
const useCluster = () => {
  const systemAnnotations: Record<string, string> = {};
  const cluster = {
    rules: workerRules.map(ofRule) as object[] | undefined,
    /** What is allowed beside the rules, e.g. by another authorizer. */
    also: (_permission: string): boolean => false,
    storageClasses: [standard] as object[] | undefined,
    ingressClasses: [named('nginx')] as object[] | undefined,
    systemAnnotations,
    asked: [] as string[],
  };
  const listed = (items: object[] | undefined) => {
    if (!items) throw new KubeStatusError(403, '{}');
    return { metadata: { resourceVersion: '1' }, items };
  };
  const call = async ({ path, body }: KubeCall): Promise<unknown> => {
    cluster.asked.push(path.split('/').at(-1) ?? '');
    if (path.endsWith('storageclasses')) return listed(cluster.storageClasses);
    if (path.endsWith('namespaces/kube-system')) return named('kube-system', cluster.systemAnnotations);
    if (path.endsWith('ingressclasses')) return listed(cluster.ingressClasses);
    if (path.endsWith('selfsubjectrulesreviews')) {
      if (!cluster.rules) throw new KubeStatusError(404, '{}');
      return { status: { resourceRules: cluster.rules, nonResourceRules: [], incomplete: false } };
    }
    const { verb, group, resource, subresource } = Object(body).spec.resourceAttributes;
    const whole = subresource ? `${resource}/${subresource}` : resource;
    return { status: { allowed: cluster.also(nameOf({ verb, group, resource: whole })) } };
  };
  const preflight = createPreflight({ call });
  const codes = async () => (await preflight.look('nginx')).map(({ code }) => code);
  return { cluster, look: () => preflight.look('nginx'), codes };
};

test('a cluster that has all that stores need is asked four times, and nothing is found', async () => {
  const { cluster, look } = useCluster();
  expect(await look()).toEqual([]);
  expect(cluster.asked.toSorted()).toEqual([
    'ingressclasses',
    'kube-system',
    'selfsubjectrulesreviews',
    'storageclasses',
  ]);
});

test('all that it lacks is found together', async () => {
  const { cluster, look } = useCluster();
  Object.assign(cluster, { rules: [], storageClasses: [named('slow')], ingressClasses: [named('traefik')] });
  expect(await look()).toEqual([
    {
      code: 'missing_permissions',
      message: `The platform's role in the cluster lacks: ${workerPermissions.map(nameOf).join(', ')}.`,
      hint: 'Give it the ClusterRole of docs/operations.md.',
    },
    {
      code: 'no_default_storage_class',
      message: 'The cluster has no default storage class, so no store gets volumes (there is slow).',
      hint: 'Mark one: kubectl annotate storageclass slow storageclass.kubernetes.io/is-default-class=true',
    },
    {
      code: 'no_ingress_class',
      message: 'The cluster has no ingress class "nginx", so no shop may be reached (there is traefik).',
      hint: 'Set INGRESS_CLASS to the class of your ingress controller, or install one.',
    },
  ]);
});

test('where there is no storage class at all, one is to be installed; an old annotation still counts', async () => {
  const { cluster, look, codes } = useCluster();
  cluster.storageClasses = [];
  expect((await look())[0]?.hint).toMatch(/^Install a provisioner/);
  cluster.storageClasses = [named('old', { 'storageclass.beta.kubernetes.io/is-default-class': 'true' })];
  expect(await codes()).toEqual([]);
});

test('what the cluster itself says of its shops is told, as it says it', async () => {
  const { cluster, look } = useCluster();
  const finding = { code: 'shops_are_stand_ins', message: 'Shops are stand-ins.', hint: 'Do this.' };
  cluster.systemAnnotations = { 'store-platform.dev/finding': JSON.stringify(finding) };
  expect(await look()).toEqual([finding]);
});

describe('a permission', () => {
  const lacking = (rules: object[] | undefined) => {
    const used = useCluster();
    used.cluster.rules = rules;
    return used;
  };
  const but = (resource: string, verb: string) =>
    workerRules.map(ofRule).flatMap((rule) =>
      rule.resources.map((each) => ({
        ...rule,
        resources: [each],
        verbs: rule.verbs.filter((has) => each !== resource || has !== verb),
      })),
    );

  test.each([
    ['namespaces', 'delete', 'delete namespaces'],
    ['pods/exec', 'get', 'get pods/exec'],
    ['deployments', 'patch', 'patch deployments.apps'],
  ])('that the role lacks is named: %s, %s', async (resource, verb, name) => {
    const { look } = lacking(but(resource, verb));
    expect((await look())[0]?.message).toBe(`The platform's role in the cluster lacks: ${name}.`);
  });

  test('by wildcards is one, and by the names of some objects is none', async () => {
    const all = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };
    expect(await lacking([all]).codes()).toEqual([]);
    expect(await lacking([{ ...all, resourceNames: ['one'] }]).codes()).toEqual(['missing_permissions']);
    const logs = { apiGroups: [''], resources: ['*/log'], verbs: ['get'] };
    expect(await lacking([...but('pods/log', 'get'), logs]).codes()).toEqual([]);
  });

  test('that the list of rules does not show is asked for by itself, and once granted never again', async () => {
    const { cluster, codes } = lacking(undefined);
    cluster.also = () => true;
    expect(await codes()).toEqual([]);
    expect(cluster.asked.filter((what) => what === 'selfsubjectaccessreviews')).toHaveLength(
      workerPermissions.length,
    );
    cluster.asked.length = 0;
    await codes();
    expect(cluster.asked).toHaveLength(4);
  });

  test('to look at classes may be missing: then that is the finding', async () => {
    const { cluster, codes } = lacking(but('storageclasses', 'list'));
    cluster.storageClasses = undefined;
    expect(await codes()).toEqual(['missing_permissions']);
  });
});
