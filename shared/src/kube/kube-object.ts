import { z } from 'zod';

/** A Kubernetes object to be written: JSON as its manifest says it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
  readonly [field: string]: unknown;
}

const KubeObjectSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.number().optional(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
    finalizers: z.array(z.string()).optional(),
  }),
});

/** A Kubernetes object that was read. Beyond its metadata each reader parses what it needs. */
export type KubeObject = z.infer<typeof KubeObjectSchema>;

export const parseKubeObject = (value: unknown): KubeObject => KubeObjectSchema.parse(value);

const KubeListSchema = z.object({
  metadata: z.looseObject({ resourceVersion: z.string().default('') }),
  items: z.array(KubeObjectSchema).nullable(),
});
export const parseKubeList = (value: unknown): { resourceVersion: string; items: KubeObject[] } => {
  const { metadata, items } = KubeListSchema.parse(value);
  return { resourceVersion: metadata.resourceVersion, items: items ?? [] };
};

/** The kinds that the platform writes or watches, with their place in the API. */
const places = {
  Namespace: { api: '/api/v1', plural: 'namespaces', namespaced: false },
  ResourceQuota: { api: '/api/v1', plural: 'resourcequotas', namespaced: true },
  LimitRange: { api: '/api/v1', plural: 'limitranges', namespaced: true },
  Secret: { api: '/api/v1', plural: 'secrets', namespaced: true },
  ConfigMap: { api: '/api/v1', plural: 'configmaps', namespaced: true },
  PersistentVolumeClaim: { api: '/api/v1', plural: 'persistentvolumeclaims', namespaced: true },
  Service: { api: '/api/v1', plural: 'services', namespaced: true },
  Pod: { api: '/api/v1', plural: 'pods', namespaced: true },
  Deployment: { api: '/apis/apps/v1', plural: 'deployments', namespaced: true },
  Ingress: { api: '/apis/networking.k8s.io/v1', plural: 'ingresses', namespaced: true },
  NetworkPolicy: { api: '/apis/networking.k8s.io/v1', plural: 'networkpolicies', namespaced: true },
} as const;

export type Kind = keyof typeof places;
export const isKind = (kind: string): kind is Kind => kind in places;

export interface ObjectRef {
  readonly kind: Kind;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** @returns the path of all objects of a kind, or of those in one namespace. */
export const collectionPath = (kind: Kind, namespace?: string): string => {
  const { api, plural, namespaced } = places[kind];
  return namespaced && namespace ? `${api}/namespaces/${namespace}/${plural}` : `${api}/${plural}`;
};

export const objectPath = ({ kind, name, namespace }: ObjectRef): string =>
  `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;

/** @throws Error for a manifest of a kind that has no place above. */
export const refOf = ({ kind, metadata }: Manifest): ObjectRef => {
  if (!isKind(kind)) throw new Error(`The platform does not write objects of kind ${kind}`);
  return { kind, name: metadata.name, namespace: metadata.namespace };
};
