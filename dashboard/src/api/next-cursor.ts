/** @returns the cursor of `Link: </api/stores?cursor=…>; rel="next"`, null when no page follows. */
export const nextCursor = (link: string | null): string | null => {
  const target = link?.match(/<([^>]*)>\s*;\s*rel="?next"?/)?.[1];
  return target === undefined ? null : new URL(target, 'http://api.invalid').searchParams.get('cursor');
};
