import { until } from '@store-platform/shared/testing/until';
import { expect, onTestFinished, test } from 'vitest';
import { keepPostgres } from './keep-postgres.ts';

const keep = (answers: (boolean | Error)[]) => {
  const said: string[] = [];
  let looks = 0;
  const keeper = keepPostgres(
    {
      revive: async () => {
        const answer = answers[looks] ?? false;
        looks += 1;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    { everyMs: 1, say: (sentence) => said.push(sentence) },
  );
  onTestFinished(keeper.stop);
  return { keeper, said, looks: () => looks };
};

test('a PostgreSQL that is gone is started again, and said so; one that runs is left alone', async () => {
  const { said, looks } = keep([false, true, false]);
  await until('it looked four times', () => looks() >= 4);
  expect(said).toEqual(['was gone, and runs again']);
});

test('one that does not start is told with the reason, and tried again', async () => {
  const { said, looks } = keep([new Error('the disk is full'), true]);
  await until('it looked three times', () => looks() >= 3);
  expect(said).toEqual(['is gone, and does not start: the disk is full', 'was gone, and runs again']);
});

test('after its stop nobody looks any more', async () => {
  const { keeper, looks } = keep([]);
  await until('it looked', () => looks() > 0);
  await keeper.stop();
  const before = looks();
  await new Promise(setImmediate);
  expect(looks()).toBe(before);
});
