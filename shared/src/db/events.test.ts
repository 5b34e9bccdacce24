import { describe, expect, it } from 'vitest';
import { insertSampleStore } from '../testing/sample-store.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import { insertEvents, listEvents, pruneEvents, storedText } from './events.ts';

const setUp = async () => {
  const { db } = await useTestDatabase();
  const storeId = await insertSampleStore(db);
  await db.query('delete from store_events');
  const tell = (...messages: string[]) =>
    insertEvents(
      db,
      storeId,
      messages.map((message) => ({ type: 'stage_progress', message, severity: 'info' as const })),
    );
  const told = async (of = storeId) => (await listEvents(db, of)).map(({ message }) => message);
  return { db, storeId, tell, told };
};

describe('an event', () => {
  it.each([
    ['a\0b', 'ab'],
    ['half a pair \ud83d here', 'half a pair \ufffd here'],
    ['a whole pair 😀', 'a whole pair 😀'],
    ['"quoted" <b> $1 \\n', '"quoted" <b> $1 \\n'],
  ])('that says %j is kept as %j', async (message, kept) => {
    const { tell, told } = await setUp();
    await tell(message);
    expect(await told()).toEqual([kept]);
  });

  it('is cut to a length that a person may read, and never through a character', () => {
    expect(storedText('x'.repeat(3000))).toHaveLength(2000);
    expect(storedText('ab😀', 3)).toBe('ab\ufffd');
  });
});

describe('the history of a store', () => {
  it('tells its events in the order in which they happened', async () => {
    const { tell, told } = await setUp();
    await tell('first', 'second');
    await tell();
    await tell('third');
    expect(await told()).toEqual(['first', 'second', 'third']);
  });

  it('keeps its newest events, and no other store’s instead', async () => {
    const { db, tell, told } = await setUp();
    const quiet = await insertSampleStore(db);
    const before = await told(quiet);
    await tell('1', '2', '3', '4', '5');
    await pruneEvents(db, { perStore: 2, days: 90 });
    expect(await told()).toEqual(['4', '5']);
    expect(await told(quiet)).toEqual(before);
  });

  it('forgets what is older than it shall be', async () => {
    const { db, tell, told } = await setUp();
    await tell('old', 'young');
    await db.query(
      "update store_events set created_at = clock_timestamp() - interval '91 days' where message = 'old'",
    );
    await pruneEvents(db, { perStore: 100, days: 90 });
    expect(await told()).toEqual(['young']);
  });
});
