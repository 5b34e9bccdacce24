import { useState } from 'react';

interface Question {
  readonly error: Error | null;
  readonly isPending: boolean;
  /** How often it ended in an error since it was last forgotten. */
  readonly errorUpdateCount: number;
}

/**
 * A question that was never answered forgets its error while it is asked again. For a person nothing has changed until
 * the answer is there, so the last error stands till then.
 */
export const useStandingError = ({ error, isPending, errorUpdateCount }: Question): Error | null => {
  const [last, setLast] = useState(error);
  const standing = isPending && errorUpdateCount > 0 ? (error ?? last) : error;
  if (standing !== last) setLast(standing);
  return standing;
};
