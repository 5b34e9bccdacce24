const suffixes: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** @returns the number that a Kubernetes quantity means, e.g. `100m` → 0.1, `5Gi` → 5368709120. */
export const quantity = (text: string): number => {
  const [, digits = '0', suffix = ''] = /^([\d.]+)([a-zA-Z]*)$/.exec(text) ?? [];
  return Number(digits) * (suffixes[suffix] ?? 1);
};

/** Back to text, in the unit in which people write that kind of resource. */
export const showQuantity = (resource: string, value: number): string => {
  if (resource.endsWith('cpu')) return value % 1 === 0 ? String(value) : `${Math.round(value * 1000)}m`;
  if (value === 0 || !/memory$|storage$/.test(resource)) return String(value);
  return value % 2 ** 30 === 0 ? `${value / 2 ** 30}Gi` : `${Math.round(value / 2 ** 20)}Mi`;
};
