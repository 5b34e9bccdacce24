/** What lies at a path of keys and indices; undefined when the way there ends early. */
export const valueIn = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inside, key) =>
      typeof inside === 'object' && inside !== null
        ? Object.entries(inside).find(([name]) => name === String(key))?.[1]
        : undefined,
    value,
  );

export const numberIn = (value: unknown, ...path: readonly (string | number)[]): number => {
  const found = valueIn(value, ...path);
  return typeof found === 'number' ? found : 0;
};

export const stringIn = (value: unknown, ...path: readonly (string | number)[]): string => {
  const found = valueIn(value, ...path);
  return typeof found === 'string' ? found : '';
};

export const listIn = (value: unknown, ...path: readonly (string | number)[]): unknown[] => {
  const found = valueIn(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** The condition of that type in an object's status. */
export const conditionOf = (
  object: unknown,
  type: string,
): { status: string; reason: string; message: string } | undefined => {
  const found = listIn(object, 'status', 'conditions').find(
    (condition) => stringIn(condition, 'type') === type,
  );
  if (!found) return undefined;
  return {
    status: stringIn(found, 'status'),
    reason: stringIn(found, 'reason'),
    message: stringIn(found, 'message'),
  };
};
