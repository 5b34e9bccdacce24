/** A refusal, shaped as Kubernetes shapes it. */
export class KubeStatusError extends Error {
  override readonly name = 'KubeStatusError';
  readonly code: number;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: number,
    reason: string,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus(): Record<string, unknown> {
    const { code, reason, message, details } = this;
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      details,
      code,
    };
  }
}

export const notFound = (plural: string, group: string, name: string): KubeStatusError =>
  new KubeStatusError(404, 'NotFound', `${qualified(plural, group)} "${name}" not found`, {
    name,
    group,
    kind: plural,
  });

export const alreadyExists = (plural: string, group: string, name: string): KubeStatusError =>
  new KubeStatusError(409, 'AlreadyExists', `${qualified(plural, group)} "${name}" already exists`, {
    name,
    group,
    kind: plural,
  });

export const conflict = (plural: string, group: string, name: string, why: string): KubeStatusError =>
  new KubeStatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(plural, group)} "${name}": ${why}`,
    {
      name,
      group,
      kind: plural,
    },
  );

export const forbidden = (
  plural: string,
  group: string,
  name: string,
  why: string,
  causes?: unknown,
): KubeStatusError =>
  new KubeStatusError(403, 'Forbidden', `${qualified(plural, group)} "${name}" is forbidden: ${why}`, {
    name,
    group,
    kind: plural,
    ...(causes !== undefined && { causes }),
  });

const qualified = (plural: string, group: string) => (group ? `${plural}.${group}` : plural);
