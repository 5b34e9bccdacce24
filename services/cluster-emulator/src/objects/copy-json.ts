/**
 * A deep copy of something that is JSON already; several times faster than `structuredClone`, which every read and write
 * of an object would otherwise spend most of its time in.
 */
export const copyJson = <T>(value: T): T => {
  const copied = copy(value);
  if (!hasShapeOf(value, copied)) throw new TypeError('A copy differs from its original');
  return copied;
};

/** Guaranteed by `copy`: the same keys, lists of the same length, and all other values as they are. */
const hasShapeOf = <T>(original: T, copied: unknown): copied is T => typeof copied === typeof original;

const copy = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  const copied: Record<string, unknown> = {};
  for (const [key, inside] of Object.entries(value)) {
    // Plain assignment would set the prototype.
    if (key === '__proto__')
      Object.defineProperty(copied, key, {
        value: copy(inside),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    else copied[key] = copy(inside);
  }
  return copied;
};
