import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import { expect, onTestFinished, test, vi } from 'vitest';
import { PackageError } from './package-error.ts';
import { openPackageSource, type PackageSourceOptions } from './package-source.ts';

const folder = { wordpress: '/w', woocommerce: '/c', storefront: '/s', sqlite: '/q' };
const away = new PackageError('wordpress.org cannot be reached.');

const open = (bring: PackageSourceOptions['bring'], firstMs = 1) => {
  const [info, warn] = [vi.fn(), vi.fn()];
  const source = openPackageSource({
    bring,
    againMs: { first: firstMs, most: firstMs },
    logger: Object.assign(Object.create(silentLogger), { info, warn }),
  });
  onTestFinished(() => source.stop());
  return { source, info, warn };
};

test('what is fetched is told as it comes, to whoever listens and in the log', async () => {
  let finish = () => {};
  const { source, info } = open(async ({ tell }) => {
    tell('12 of 31 MB');
    tell('12 of 31 MB');
    await new Promise<void>((resolve) => (finish = resolve));
    return folder;
  });
  const seen: string[] = [];
  const end = source.onChange(({ kind }) => void seen.push(kind));
  await until('it comes', () => source.state().kind === 'coming');
  finish();
  await until('it is there', () => source.state().kind === 'there');
  expect([seen, info.mock.calls]).toEqual([['there'], [['12 of 31 MB']]]);
  end();
});

test('what cannot be had is tried again until it can, and said once', async () => {
  let tries = 0;
  const { source, warn } = open(async () => {
    tries += 1;
    if (tries < 4) throw away;
    return folder;
  });
  const seen: string[] = [];
  source.onChange(({ kind }) => void seen.push(kind));
  await until('it is there', () => source.state().kind === 'there');
  expect([seen, warn.mock.calls.length, tries]).toEqual([['missing', 'there'], 1, 4]);
});

test('a fault of ours is no sentence for people, and ends nothing', async () => {
  let tries = 0;
  const { source } = open(async () => {
    tries += 1;
    if (tries === 1) throw new TypeError('undefined is not a function');
    return folder;
  });
  const seen: unknown[] = [];
  source.onChange((state) => void seen.push(state));
  await until('it is there', () => source.state().kind === 'there');
  expect(seen[0]).toEqual({
    kind: 'missing',
    message: 'The archives cannot be had.',
    hint: 'The log says why.',
  });
});

test('stopped in the middle of a fetch or between two, it is over', async () => {
  const { source } = open(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  await source.stop();
  expect(source.state().kind).toBe('looking');
  const { source: other } = open(async () => Promise.reject(away), 60_000);
  await until('it failed', () => other.state().kind === 'missing');
  await other.stop();
});
