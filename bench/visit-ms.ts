import type { visitShop } from '../tests/visit-shop.ts';

/** A page, and what it must hold: a 200 alone proves nothing. */
export interface WantedPage {
  readonly path: string;
  readonly holds: string;
}

/** @returns how long the whole page took, in milliseconds. @throws Error when it is another one */
export const visitMs = async (
  visitor: ReturnType<typeof visitShop> | undefined,
  { path, holds }: WantedPage,
): Promise<number> => {
  const begin = performance.now();
  const page = await visitor?.get(path);
  const took = performance.now() - begin;
  if (!page?.body.includes(holds)) throw new Error(`${path} answered ${page?.status} without ${holds}.`);
  return took;
};
