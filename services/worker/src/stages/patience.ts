import type { Diagnosis } from '@store-platform/shared/kube/diagnosis';

/** Remembers how long a trouble has lasted, and what its cause was while Kubernetes still said it. */
export interface Patience {
  /** @returns the trouble that stands now: with its cause, where an earlier look found one. */
  judge(seen: Diagnosis | undefined): Diagnosis | undefined;
  /** Milliseconds until the trouble that stands now has lasted too long; Infinity while there is none. */
  leftMs(): number;
}

export const createPatience = (now: () => number = () => performance.now()): Patience => {
  const since = new Map<string, number>();
  const causes = new Map<string, Diagnosis>();
  let standing: Diagnosis | undefined;
  return {
    judge: (seen) => {
      if (seen && !since.has(keyOf(seen))) since.set(keyOf(seen), now());
      if (seen && !seen.isVague) causes.set(keyOf(seen), seen);
      standing = seen?.isVague ? (causes.get(keyOf(seen)) ?? seen) : seen;
      return standing;
    },
    leftMs: () =>
      standing
        ? (since.get(keyOf(standing)) ?? now()) + standing.patienceMs - now()
        : Number.POSITIVE_INFINITY,
  };
};

const keyOf = ({ code, subject }: Diagnosis): string => `${code} ${subject}`;
