import { expect, it, vi } from 'vitest';
import type { NewFinding } from '@store-platform/shared/contract/finding';
import { listFindings } from '@store-platform/shared/db/cluster-findings';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { useTestDatabase } from '@store-platform/shared/testing/test-database';
import { createLookAhead } from './look-ahead.ts';

const missing: NewFinding = { code: 'no_ingress_class', message: 'No ingress.', hint: 'Install one.' };

const setUp = async () => {
  const { db } = await useTestDatabase();
  const clock = { now: 0 };
  const look = vi.fn(async (_ingressClass: string): Promise<NewFinding[]> => [missing]);
  const [warn, info] = [vi.fn(), vi.fn()];
  const lookAhead = createLookAhead({
    db,
    preflight: { look },
    ingressClass: 'nginx',
    logger: Object.assign(Object.create(silentLogger), { warn, info }),
    freshMs: { usual: 1000, passing: 100 },
    now: () => clock.now,
  });
  return { db, clock, look, warn, info, lookAhead };
};

it('what the cluster lacks is stored, and logged once, until it is mended', async () => {
  const { db, clock, look, warn, info, lookAhead } = await setUp();
  await lookAhead();
  expect(look).toHaveBeenCalledWith('nginx');
  expect(await listFindings(db)).toMatchObject([missing]);
  clock.now = 1000;
  await lookAhead();
  expect(warn.mock.calls).toEqual([[{ hint: 'Install one.' }, 'No ingress.']]);
  clock.now = 2000;
  look.mockResolvedValueOnce([]);
  await lookAhead();
  expect([await listFindings(db), info.mock.calls]).toEqual([
    [],
    [['The cluster has all that stores need again']],
  ]);
});

it('a look of a moment ago is not repeated', async () => {
  const { clock, look, lookAhead } = await setUp();
  await lookAhead();
  clock.now = 999;
  await lookAhead();
  expect(look).toHaveBeenCalledTimes(1);
});

it('a look that fails changes nothing, and is repeated in its time', async () => {
  const { db, clock, look, lookAhead } = await setUp();
  await lookAhead();
  clock.now = 1000;
  look.mockRejectedValueOnce(new Error('no answer'));
  await expect(lookAhead()).rejects.toThrow('no answer');
  expect(await listFindings(db)).toHaveLength(1);
  clock.now = 2000;
  await lookAhead();
  expect(look).toHaveBeenCalledTimes(3);
});

it('what passes is looked at again soon, and is no lack that would be logged', async () => {
  const { db, clock, look, warn, info, lookAhead } = await setUp();
  const coming: NewFinding = { code: 'shop_archives_coming', message: '12 of 31 MB', hint: '' };
  look.mockResolvedValue([coming]);
  await lookAhead();
  clock.now = 100;
  look.mockResolvedValue([{ ...coming, message: '20 of 31 MB' }]);
  await lookAhead();
  expect(await listFindings(db)).toMatchObject([{ message: '20 of 31 MB' }]);
  expect([warn.mock.calls, info.mock.calls]).toEqual([[], []]);
  look.mockResolvedValue([]);
  clock.now = 200;
  await lookAhead();
  clock.now = 1199;
  await lookAhead();
  expect(look).toHaveBeenCalledTimes(3);
});
