import { expect, it, vi } from 'vitest';
import { findShopAddress } from './shop-address.ts';

const url = 'http://store-ab12cd34.shops.example';
const fallback = { host: '10.1.2.3', port: 80, isChosen: false };
const known = async () => ({ address: '10.9.9.9', family: 4 });
const unknown = async () => {
  throw new Error('ENOTFOUND');
};

it('a shop is visited at its own address where that can be resolved', async () => {
  expect(await findShopAddress(url, fallback, known)).toEqual({
    host: 'store-ab12cd34.shops.example',
    port: 80,
    how: 'at store-ab12cd34.shops.example',
  });
  expect(await findShopAddress(`${url}:8080`, fallback, known)).toMatchObject({ port: 8080 });
});

it('a shop whose name leads nowhere from here is visited at the ingress, and that is said', async () => {
  expect(await findShopAddress(url, fallback, unknown)).toEqual({
    host: '10.1.2.3',
    port: 80,
    how: "at 10.1.2.3:80, because store-ab12cd34.shops.example can't be resolved from here",
  });
});

it('a resolver that never answers counts as one that knows nothing', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const found = findShopAddress(url, fallback, () => new Promise(() => {}));
  await vi.advanceTimersByTimeAsync(3_000);
  vi.useRealTimers();
  expect(await found).toMatchObject({ host: '10.1.2.3' });
});

it('an address that somebody chose is used whatever the name leads to', async () => {
  const resolve = vi.fn(known);
  const chosen = { host: 'traefik', port: 8000, isChosen: true };
  expect(await findShopAddress(url, chosen, resolve)).toEqual({
    host: 'traefik',
    port: 8000,
    how: 'at traefik:8000',
  });
  expect(resolve).not.toHaveBeenCalled();
});
