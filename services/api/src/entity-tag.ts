import { createHash } from 'node:crypto';

/** Weak, because a proxy may compress the answer. */
export const entityTagOf = (text: string): string =>
  `W/"${createHash('sha1').update(text).digest('base64url')}"`;

/**
 * Whether the visitor holds what the tag names. Compared weakly, as RFC 9110 (13.1.2) says. The visitor's
 * `Cache-Control` has no say: `fetch` adds `no-cache` to each request with `If-None-Match`, and means caches on the way.
 */
export const isHeld = (etag: string, ifNoneMatch: string | undefined): boolean =>
  ifNoneMatch !== undefined &&
  (ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => opaque(tag) === opaque(etag)));

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
