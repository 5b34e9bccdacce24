type Nothing = undefined | null | false;

/**
 * Awaits a condition instead of sleeping.
 * @returns the first answer that is none of undefined, null and false.
 * @param time `everyMs` between two looks: more where a look costs another process something.
 * @throws Error with `what` when there is none within `timeoutMs`.
 */
export const until = async <T>(
  what: string,
  condition: () => Promise<T | Nothing> | T | Nothing,
  { timeoutMs = 25_000, everyMs = 10 } = {},
): Promise<T> => {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
