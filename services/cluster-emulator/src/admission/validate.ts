import {
  at,
  isJsonObject,
  numberAt,
  objectsAt,
  stringAt,
  stringsAt,
  type JsonObject,
} from '../objects/json.ts';
import { KubeStatusError } from '../objects/kube-status-error.ts';
import type { KubeObject } from '../objects/object-store.ts';
import type { KnownResource } from '../objects/resources.ts';

interface Fault {
  readonly field: string;
  /** Kubernetes' own words, e.g. `Required value`. */
  readonly message: string;
}

/**
 * What Kubernetes refuses in the kinds that the platform writes, as far as a slip of a manifest is likely.
 * @throws KubeStatusError 422 that names each field
 */
export const validate = ({ kind, group }: KnownResource, object: KubeObject): void => {
  const { name } = object.metadata;
  const faults = [...nameFaults(name), ...(rules[kind]?.(object) ?? [])];
  if (faults.length === 0) return;
  const told = faults.map(({ field, message }) => `${field}: ${message}`).join(', ');
  const message = `${group ? `${kind}.${group}` : kind} "${name}" is invalid: ${faults.length > 1 ? `[${told}]` : told}`;
  const causes = faults.map((fault) => ({
    reason: fault.message.startsWith('Required') ? 'FieldValueRequired' : 'FieldValueInvalid',
    ...fault,
  }));
  throw new KubeStatusError(422, 'Invalid', message, { name, group, kind, causes });
};

const required = (field: string, why = ''): Fault => ({
  field,
  message: `Required value${why && `: ${why}`}`,
});

const namePattern = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const nameFaults = (name: string): Fault[] => {
  if (name === '') return [required('metadata.name', 'name or generateName is required')];
  if (namePattern.test(name) && name.length <= 253) return [];
  const why =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [{ field: 'metadata.name', message: `Invalid value: ${JSON.stringify(name)}: ${why}` }];
};

const containerFaults = (pod: unknown, path: string): Fault[] => [
  ...(objectsAt(pod, 'containers').length > 0 ? [] : [required(`${path}.containers`)]),
  ...['initContainers', 'containers'].flatMap((which) =>
    objectsAt(pod, which).flatMap((container, index) =>
      ['name', 'image']
        .filter((field) => !stringAt(container, field))
        .map((field) => required(`${path}.${which}[${index}].${field}`)),
    ),
  ),
];

const deploymentFaults = (deployment: KubeObject): Fault[] => {
  const selector = stringsAt(deployment, 'spec', 'selector', 'matchLabels');
  const labels = stringsAt(deployment, 'spec', 'template', 'metadata', 'labels');
  const isChosen = Object.entries(selector).every(([key, value]) => labels[key] === value);
  const field = 'spec.template.metadata.labels';
  const shown = `map[string]string${JSON.stringify(labels)}`;
  const mismatch = {
    field,
    message: `Invalid value: ${shown}: \`selector\` does not match template \`labels\``,
  };
  return [
    ...(isJsonObject(at(deployment, 'spec', 'selector')) ? [] : [required('spec.selector')]),
    ...(isChosen ? [] : [mismatch]),
    ...containerFaults(at(deployment, 'spec', 'template', 'spec'), 'spec.template.spec'),
  ];
};

const isPort = (port: number | undefined) =>
  port !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535;

const serviceFaults = (service: KubeObject): Fault[] => {
  const ports = objectsAt(service, 'spec', 'ports');
  if (ports.length === 0) return [required('spec.ports')];
  const bad = (port: JsonObject, index: number): Fault[] =>
    isPort(numberAt(port, 'port'))
      ? []
      : [
          {
            field: `spec.ports[${index}].port`,
            message: `Invalid value: ${String(port['port'])}: must be between 1 and 65535, inclusive`,
          },
        ];
  return ports.flatMap(bad);
};

const claimFaults = (claim: KubeObject): Fault[] => {
  const modes = at(claim, 'spec', 'accessModes');
  const storage = at(claim, 'spec', 'resources', 'requests', 'storage');
  return [
    ...(Array.isArray(modes) && modes.length > 0
      ? []
      : [required('spec.accessModes', 'at least 1 access mode is required')]),
    ...(storage === undefined ? [required('spec.resources[storage]')] : []),
  ];
};

const rules: Readonly<Record<string, (object: KubeObject) => Fault[]>> = {
  Deployment: deploymentFaults,
  Pod: (pod) => containerFaults(pod['spec'], 'spec'),
  Service: serviceFaults,
  PersistentVolumeClaim: claimFaults,
};
