import { expect } from 'vitest';

const products = [
  ['Wireless Headphones', '$99.99'],
  ['Bluetooth Speaker', '$49.99'],
  ['USB-C Cable', '$9.99'],
] as const;

const times = (text: string, part: string): number => text.split(part).length - 1;

/** Each sample product once, with its price. @param page a shop's `/shop/`. */
export const expectToSell = (page: string): void => {
  for (const [name, price] of products) {
    expect(times(page, `>${name}<`), name).toBe(1);
    expect(page).toContain(price);
  }
};
