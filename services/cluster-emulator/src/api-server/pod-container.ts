import { objectsAt, stringAt } from '../objects/json.ts';
import { KubeStatusError } from '../objects/kube-status-error.ts';
import type { KubeObject } from '../objects/object-store.ts';

const namesIn = (pod: KubeObject, which: 'containers' | 'initContainers'): string[] =>
  objectsAt(pod, 'spec', which).map((container) => stringAt(container, 'name') ?? '');

/**
 * The container that a request is about: the one that it names, or the pod's only one.
 * @throws KubeStatusError 400 in Kubernetes' own words
 */
export const chooseContainer = (pod: KubeObject, wanted: string | undefined): string => {
  const [containers, initContainers] = [namesIn(pod, 'containers'), namesIn(pod, 'initContainers')];
  const { name } = pod.metadata;
  if (wanted) {
    if (containers.includes(wanted) || initContainers.includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  }
  const [only, another] = containers;
  if (only !== undefined && another === undefined) return only;
  const choice = `choose one of: [${containers.join(' ')}]`;
  throw badRequest(`a container name must be specified for pod ${name}, ${choice}`);
};

export const badRequest = (message: string): KubeStatusError =>
  new KubeStatusError(400, 'BadRequest', message);
