import type { z } from 'zod';
import { PlatformError } from '@store-platform/shared/contract/problem';

/** Input that isn't what the contract says: one entry a field. */
export class InvalidInputError extends PlatformError {
  readonly errors: readonly { field: string; message: string }[];

  constructor(issues: readonly z.core.$ZodIssue[]) {
    const errors = issues.map(({ path, message }) =>
      path.length === 0
        ? { field: 'body', message: 'The body must be a JSON object.' }
        : { field: path.join('.'), message },
    );
    super('invalid_input', errors.map(({ message }) => message).join(' '));
    this.errors = errors;
  }
}

/** @throws InvalidInputError that names each field and why */
export const parseInput = <T extends z.ZodType>(schema: T, input: unknown): z.infer<T> => {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new InvalidInputError(parsed.error.issues);
  return parsed.data;
};
