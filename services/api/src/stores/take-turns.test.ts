import { expect, it } from 'vitest';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { createTurns } from './take-turns.ts';

it('what counts stores is done one after the other, whatever became of the one before', async () => {
  const turns = createTurns();
  let running = 0;
  const work = async (name: string) => {
    running += 1;
    await Promise.resolve();
    expect([name, running]).toEqual([name, 1]);
    running -= 1;
    if (name === 'b') throw new Error('b broke');
    return name;
  };
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => turns.take(() => work(name))));
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.status))).toEqual([
    'a',
    'rejected',
    'c',
  ]);
});

it('when the database is away, those that wait hear so at once, and later ones try again', async () => {
  const turns = createTurns();
  const asked: string[] = [];
  const away = new PlatformError('database_away', 'PostgreSQL does not answer.');
  const first = turns.take(async () => {
    await Promise.resolve();
    throw away;
  });
  const second = turns.take(async () => asked.push('second'));
  await expect(first).rejects.toBe(away);
  await expect(second).rejects.toBe(away);
  expect(await turns.take(async () => 'later')).toBe('later');
  expect(asked).toEqual([]);
});

it('whoever comes when a thousand wait is told to come again', async () => {
  const turns = createTurns();
  const accepted = Array.from({ length: 1000 }, async (_, n) => turns.take(async () => n));
  await expect(turns.take(async () => 'one more')).rejects.toMatchObject({
    code: 'too_many_requests',
    retryAfterSeconds: 5,
  });
  expect(await Promise.all(accepted)).toHaveLength(1000);
  expect(await turns.take(async () => 'again')).toBe('again');
});
