import { conditionsOf } from '@store-platform/shared/kube/conditions-of';
import type { KubeObject } from '@store-platform/shared/kube/kube-object';

/** Why a namespace that was deleted is still there. */
export interface HoldUp {
  /** Which finalizer on what, as sentences, with what to do. */
  readonly message: string;
  /** Somebody outside of Kubernetes must act; its own finalizers go by themselves. */
  readonly needsSomebody: boolean;
}

/**
 * Reads the conditions of a namespace that is going.
 * @returns undefined while Kubernetes says nothing of what keeps it.
 */
export const holdUpOf = (namespace: KubeObject): HoldUp | undefined => {
  const told = new Map(
    conditionsOf(namespace)
      .filter(({ status }) => status === 'True')
      .map(({ type, message }): [string, string] => [type, message]),
  );
  const inside = finalizersIn(told.get('NamespaceFinalizersRemaining') ?? '');
  const own = namespace.metadata.finalizers ?? [];
  const sentences = [
    ...inside.map(({ name, count }) => `The finalizer ${name} is on ${objects(count)} in it.`),
    ...whatIsLeft(told.get('NamespaceContentRemaining') ?? ''),
    ...(own.length > 0 ? [`The namespace itself has the finalizer ${own.join(', ')}.`] : []),
    // Of the API that can't be asked what there is, or that refuses to delete it.
    ...[...told].filter(([type]) => type.endsWith('Failure')).map(([, message]) => message),
  ];
  const foreign = [...inside.map(({ name }) => name), ...own].filter((name) => !isKubernetesOwn(name));
  if (sentences.length === 0) return undefined;
  if (foreign.length > 0) sentences.push('Whoever set it must lift it, or the object be edited by hand.');
  return { message: sentences.join(' '), needsSomebody: foreign.length > 0 };
};

/** E.g. `… has finalizers remaining: example.com/held in 1 resource instances, kubernetes.io/pvc-protection in 2 resource instances`. */
const finalizersIn = (message: string) =>
  [...message.matchAll(/(\S+) in (\d+) resource instances/g)].map(([, name = '', count]) => ({
    name,
    count: Number(count),
  }));

/** E.g. `Some resources are remaining: secrets. has 1 resource instances, deployments.apps has 2 resource instances`. */
const whatIsLeft = (message: string): string[] => {
  const kinds = [...message.matchAll(/(\S+) has (\d+) resource instances/g)].map(
    ([, kind = '', count]) => `${count} of ${kind.replace(/\.$/, '')}`,
  );
  return kinds.length > 0 ? [`Still there: ${kinds.join(', ')}.`] : [];
};

const objects = (count: number): string => (count === 1 ? '1 object' : `${count} objects`);

/** Lifted by Kubernetes' own controllers: `kubernetes`, `kubernetes.io/pvc-protection`, `foregroundDeletion`. */
const isKubernetesOwn = (finalizer: string): boolean =>
  /^(?:[\w.-]+\.)?(?:kubernetes|k8s)\.io\/|^[a-zA-Z]+$/.test(finalizer);
