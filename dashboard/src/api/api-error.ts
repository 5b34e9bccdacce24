import type { Problem } from '@store-platform/shared/contract/problem';

export type ApiErrorKind = 'refused' | 'unreachable' | 'unreadable';

/** Every way in which a call to the API ends badly. `message` and `hint` are for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: ApiErrorKind;
  readonly hint: string;
  /** What the platform itself said; undefined when it did not answer, or not in its own words. */
  readonly problem: Problem | undefined;

  constructor(
    kind: ApiErrorKind,
    message: string,
    options: { hint: string; problem?: Problem; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint;
    this.problem = options.problem;
  }
}

export const isSignInNeeded = (error: Error | null): boolean =>
  error instanceof ApiError && error.problem?.status === 401;

/** @returns what the platform said of one field of the request. */
export const fieldError = (error: Error | null, field: string): string | undefined =>
  error instanceof ApiError
    ? error.problem?.errors?.find((entry) => entry.field === field)?.message
    : undefined;

export const hintOf = (error: Error): string | undefined =>
  error instanceof ApiError ? error.hint : undefined;
