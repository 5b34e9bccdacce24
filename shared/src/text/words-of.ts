/** @returns what was thrown, in its own words and without a stack */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
