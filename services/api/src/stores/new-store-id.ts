import { randomInt } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
const length = 8;

/** `store-` and 8 of [a-z0-9], which nobody can guess. It is the namespace's name, too. */
export const newStoreId = (): string =>
  `store-${Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')}`;
